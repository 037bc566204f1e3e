import assert from "node:assert/strict";
import { test } from "node:test";

import { ahead, counterpart, firstFrame, firstShift, momentOfPosition, positionAt, shiftAt, wholeOfBoth } from "../../static/js/compare/alignment.js";
import { figureWords } from "../../static/js/compare/figures.js";
import { apartWords, placeWords, sideWords } from "../../static/js/compare/moment_words.js";
import { TimelineModel } from "../../static/js/timeline/model.js";
import { T0, band, timeline } from "./samples.js";

const S = 1000;
const at = (/** @type {number} */ seconds) => T0 + seconds * S;

/** First frame at 2 s, a stall from 40 to 48, an ad to 63, a seek from 75 s to 225 s of the content at 101. */
const a = new TimelineModel(timeline());
/** An hour later: first frame at 6 s, plays two minutes without a stall. */
const HOUR = 3600;
const b = new TimelineModel(timeline({
  session_started_ms: at(HOUR), last_at_ms: at(HOUR + 126), as_of_ms: at(HOUR + 126), ended_at_ms: at(HOUR + 126), live: false,
  playback: [band("starting", HOUR, HOUR + 6), band("playing", HOUR + 6, HOUR + 126)],
  playhead: [[at(HOUR + 6), 0, "r"], [at(HOUR + 66), 60_000, "r"]],
}));
const neverPlayed = new TimelineModel(timeline({ playback: [band("starting", 0, null)], playhead: [] }));

test("by the clock nothing is shifted", () => {
  assert.equal(firstShift("clock", a, b), 0);
  assert.equal(counterpart("clock", a, b, at(7)), at(7));
});

test("by first frame the first pictures lie under one another", () => {
  assert.equal(firstFrame(a) + firstShift("first_frame", a, b), firstFrame(b));
  assert.equal(counterpart("first_frame", a, b, at(12)), at(HOUR + 16));
  assert.equal(counterpart("first_frame", b, a, at(HOUR + 16)), at(12));
});

test("a session that never played is aligned by its start", () => {
  assert.equal(firstFrame(neverPlayed), neverPlayed.start_ms);
  assert.equal(firstShift("playhead", neverPlayed, b), firstFrame(b) - neverPlayed.start_ms);
});

test("a position's moment is found between reports, across what was not played", () => {
  assert.equal(momentOfPosition(a, 10_000), at(12));
  assert.equal(momentOfPosition(a, 38_000), at(40));
  assert.equal(momentOfPosition(a, 48_000), at(73));
});

test("a position that was jumped over was never stood at", () => {
  assert.equal(momentOfPosition(a, 100_000), null);
  assert.equal(momentOfPosition(a, 230_000), at(106));
  assert.equal(momentOfPosition(b, 500_000), null);
});

test("a position and its moment lead to each other", () => {
  for (const seconds of [3, 20, 39, 64, 99, 110]) {
    const position = /** @type {number} */ (positionAt(a, at(seconds)));
    assert.ok(Math.abs(/** @type {number} */ (momentOfPosition(a, position)) - at(seconds)) <= 1, `${seconds} s`);
  }
});

test("by playhead the shift is the one of the place looked at", () => {
  const before = firstShift("playhead", a, b);
  assert.equal(before, firstFrame(b) - firstFrame(a));
  // After the stall and the ad A is 23 s behind where it would have been.
  assert.equal(at(73) + shiftAt("playhead", a, b, at(73), before), at(HOUR + 6 + 48));
});

test("where the other never stood at the position the shift stays what it was", () => {
  assert.equal(shiftAt("playhead", a, b, at(119), 77), 77);
});

test("the axis holds both sessions, with air", () => {
  const whole = wholeOfBoth(a, b, firstShift("first_frame", a, b));
  assert.ok(whole.start_ms < Math.min(a.start_ms, b.start_ms - HOUR * S - 4000));
  assert.ok(whole.end_ms > a.end_ms && whole.end_ms > b.end_ms - HOUR * S - 4000);
});

test("how far one playhead is from the other", () => {
  assert.equal(ahead(a, at(12), b, at(HOUR + 16)), 0);
  assert.equal(ahead(a, at(73), b, at(HOUR + 77)), 23_000);
  assert.equal(apartWords(a, at(73), b, at(HOUR + 77)), "B’s playhead +0:23 from A’s");
  assert.equal(apartWords(a, at(12), b, at(HOUR + 16)), "same place in the content");
  assert.equal(apartWords(a, at(-5), b, at(HOUR + 1)), "");
});

test("the place is said in the words of the alignment", () => {
  assert.equal(placeWords("first_frame", a, at(12)), "00:10.0 after the first frame");
  assert.equal(placeWords("first_frame", a, at(1)), "00:01.0 before the first frame");
  assert.equal(placeWords("playhead", a, at(12)), "content at 00:10.0");
  assert.equal(placeWords("clock", a, T0 - 204), "14:02:11.0 UTC");
});

test("each side says what it was at", () => {
  assert.equal(sideWords(a, at(44)), "buffering at 00:38.0");
  assert.equal(sideWords(a, at(-1)), "not yet started");
  assert.equal(sideWords(b, at(HOUR + 500)), "over");
  assert.equal(sideWords(a, at(500)), "not yet there");
});

test("what differs in words, as the server says it", () => {
  const says = (/** @type {string} */ unit, /** @type {string} */ better, /** @type {any} */ one, /** @type {any} */ other) => {
    const { difference, verdict } = figureWords({ name: "x", label: "X", unit, better }, one, other);
    return [difference, verdict];
  };
  assert.deepEqual(says("length", "less", 1800, 3900), ["+2.1 s", "B worse"]);
  assert.deepEqual(says("length", "less", 3900, 1800), ["−2.1 s", "B better"]);
  assert.deepEqual(says("megabits", "more", 3_000_000, 4_500_000), ["+1.5 Mbps", "B better"]);
  assert.deepEqual(says("count", "", 1, 3), ["+2", ""]);
  assert.deepEqual(says("percent", "less", 0.01, 0.01), ["same", ""]);
  assert.deepEqual(says("length", "less", 60_001, 60_003), ["same", ""]);
  assert.deepEqual(says("count", "less", null, 3), ["–", ""]);
  assert.deepEqual(says("count", "less", 0, undefined), ["–", ""]);
});
