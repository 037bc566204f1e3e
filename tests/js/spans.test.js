import assert from "node:assert/strict";
import { test } from "node:test";

import { behindLive, collapsed, indexAt, momentOf, patched, playedBetween, playheadAt, spanAt } from "../../static/js/timeline/spans.js";
import { T0, band, timeline } from "./samples.js";

test("bisection finds the last that begins at or before a moment", () => {
  const points = [1, 3, 3, 7].map((at_ms) => ({ at_ms }));
  assert.deepEqual([0, 1, 3, 6, 9].map((at) => indexAt(points, at, momentOf)), [-1, 0, 2, 2, 3]);
});

test("an open span holds everything up to now, a closed one nothing after its end", () => {
  const { playback } = timeline();
  assert.equal(spanAt(playback, T0 + 119_000, T0 + 120_000)?.state, "playing");
  assert.equal(spanAt(playback, T0 + 44_000, T0 + 120_000)?.state, "buffering");
  assert.equal(spanAt(playback, T0 + 130_000, T0 + 120_000), null);
});

test("runs narrower than a pixel become one pixel that shows the most serious state", () => {
  const bands = [band("playing", 0, 0.01), band("buffering", 0.01, 0.02), band("playing", 0.02, 0.03), band("paused", 0.03, 100)];
  const shown = collapsed(bands, { start_ms: T0, end_ms: T0 + 100_000 }, 100, T0 + 100_000);
  assert.deepEqual(shown.map(({ state }) => state), ["buffering", "paused"]);
});

test("collapsing never changes what it was given", () => {
  const bands = [band("playing", 0, 0.01), band("buffering", 0.01, 0.02)];
  collapsed(bands, { start_ms: T0, end_ms: T0 + 100_000 }, 100, T0);
  assert.equal(bands[0].state, "playing");
});

test("a patch replaces the lanes from its moment on and keeps what ended before", () => {
  const before = timeline();
  const patch = timeline({ from_ms: T0 + 63_000, playback: [band("ad", 48, 63), band("playing", 63, 115), band("paused", 115, null)], playhead: [[T0 + 115_000, 239_000, "r"]], qos: [] });
  const after = patched(before, patch);
  assert.deepEqual(after.playback.map(({ state }) => state), ["starting", "playing", "buffering", "ad", "playing", "paused"]);
  assert.equal(after.playhead.length, 3);
  assert.equal(after.qos.length, 1);
  assert.equal(after.from_ms, null);
});

test("a patch without a moment is the whole timeline", () => {
  const whole = timeline({ playback: [] });
  assert.equal(patched(timeline(), whole), whole);
});

test("the playhead moves on while playing, stands still otherwise, and never passes the next report", () => {
  const picture = timeline();
  assert.equal(playheadAt(picture, T0 + 12_000, T0 + 120_000), 10_000);
  assert.equal(playheadAt(picture, T0 + 44_000, T0 + 120_000), 38_000);
  assert.equal(playheadAt(picture, T0 + 111_000, T0 + 120_000), 235_000);
  assert.equal(playheadAt(picture, T0, T0 + 120_000), null);
});

test("what was played between two moments leaves out stalls and ads", () => {
  assert.equal(playedBetween(timeline().playback, T0, T0 + 70_000, T0 + 120_000), 45_000);
});

test("a live stream's distance is counted from the closest it ever was to the edge", () => {
  const behind = behindLive([[1000, 500, "r"], [5000, 4500, "r"], [9000, 6500, "r"]]);
  assert.deepEqual(behind.map(([, ms]) => ms), [0, 0, 2000]);
});
