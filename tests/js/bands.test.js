/** Band geometry: every state its own shape, nothing serious lost in a pixel. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { bandsIn, moreSerious, shapesOf } from "../../static/js/timeline/bands.js";

const VIEW = { from_ms: 0, to_ms: 100, width: 200 };

test("pieces are cut at the edges of the view and the open one reaches its end", () => {
  const bands = bandsIn([["playing", -50, 20], ["paused", 20, 40], ["ad", 90, null], ["ended", 120, 130]], VIEW);
  assert.deepEqual(bands, [
    { state: "playing", x0: 0, x1: 40 },
    { state: "paused", x0: 40, x1: 80 },
    { state: "ad", x0: 180, x1: 200 },
  ]);
});

test("in one pixel the most serious state shows", () => {
  const bands = bandsIn([["playing", 10, 10.2], ["buffering", 10.2, 10.3], ["playing", 10.3, 10.4]], VIEW);
  assert.deepEqual(bands.map(({ state }) => state), ["buffering"]);
  assert.equal(moreSerious("buffering", "playing"), "buffering");
});

test("each state has a shape of its own", () => {
  const shape = (/** @type {string} */ state) =>
    JSON.stringify(shapesOf({ state, x0: 0, x1: 20 }, 0, 30).map(({ kind, height, width }) => [kind, height, width]));
  const states = ["playing", "paused", "buffering", "seeking", "ad", "no_signal", "starting"];
  assert.equal(new Set(states.map(shape)).size, states.length);
});

test("a stall too short for a pixel is still to be seen", () => {
  const [drawn] = shapesOf({ state: "buffering", x0: 5, x1: 5.1 }, 0, 30);
  assert.ok(drawn.width >= 1.5);
});
