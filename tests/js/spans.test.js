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

/** What is painted of bands given as state and seconds, a pixel a second. @param {ReturnType<typeof band>[]} bands */
function painted(...bands) {
  const shown = collapsed(bands, { start_ms: T0, end_ms: T0 + 100_000 }, 100, T0 + 100_000);
  return shown.map(({ state, x0, x1 }) => [state, x0, x1]);
}

test("a pixel that several bands begin in shows the most serious of them", () => {
  const shown = painted(band("playing", 0, 0.01), band("buffering", 0.01, 0.02), band("playing", 0.02, 0.03), band("paused", 0.03, 100));
  assert.deepEqual(shown, [["buffering", 0, 1], ["paused", 0.03, 100]]);
});

test("narrow bands stand on whole pixels and leave none empty", () => {
  const bands = [];
  for (let at = 0; at < 60; at += 1.2) bands.push(band("playing", at, at + 0.9), band("paused", at + 0.9, at + 1.2));
  const shown = painted(...bands);
  assert.equal(shown[0][1], 0);
  for (let index = 1; index < shown.length; index += 1) assert.equal(shown[index][1], shown[index - 1][2]);
  assert.deepEqual(shown.filter(([, x0, x1]) => !Number.isInteger(x0) || !Number.isInteger(x1) || Number(x1) <= Number(x0)), []);
});

test("pixels that look the same are painted as one, and say that they are more than one band", () => {
  const bands = [band("playing", 0, 0.5), band("buffering", 0.5, 1.4), band("playing", 1.4, 1.6), band("buffering", 1.6, 2.25), band("playing", 2.25, 100)];
  assert.deepEqual(painted(...bands), [["buffering", 0, 2], ["playing", 2.25, 100]]);
  const [pixels, wide] = collapsed(bands, { start_ms: T0, end_ms: T0 + 100_000 }, 100, T0 + 100_000);
  assert.deepEqual([pixels.isPixels, wide.isPixels], [true, false]);
});

test("a serious pixel ends a calmer run that reached into it", () => {
  const shown = painted(band("playing", 0, 1.5), band("playing", 1.5, 1.6), band("buffering", 1.6, 1.7), band("playing", 1.7, 3.1));
  assert.deepEqual(shown, [["playing", 0, 1], ["buffering", 1, 2], ["playing", 2, 3]]);
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
