import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { clock, dayClock, moment } from "../../static/js/lib/durations.js";
import { UTC, daysBetween, deviceZone, momentOf, useZone, zoneWords } from "../../static/js/lib/time_zone.js";
import { ticks } from "../../static/js/timeline/scale.js";

const HOUR = 3_600_000;
const AT = Date.parse("2026-10-14T23:06:23.204Z");
const utc = (/** @type {string} */ text) => Date.parse(`${text}Z`);
const FROM = utc("2026-10-01T00:00");
const TO = utc("2026-10-04T00:00");

afterEach(() => useZone(UTC));

test("a clock is spelt in the zone that was chosen, the day with it", () => {
  assert.equal(clock(AT, 3), "23:06:23.204");
  useZone(deviceZone(5.5 * HOUR));
  assert.equal(clock(AT, 3), "04:36:23.204");
  assert.equal(dayClock(AT), "15 Oct 04:36:23");
});

test("a zone is named by its distance from UTC", () => {
  const words = [0, 1, -5, 5.5, -3.5].map((hours) => zoneWords(AT, deviceZone(hours * HOUR)));
  assert.deepEqual(words, ["UTC", "UTC+1", "UTC−5", "UTC+5:30", "UTC−3:30"]);
});

test("what a field holds is a moment of the chosen zone", () => {
  assert.equal(momentOf("2026-10-14T23:06:23"), AT - 204);
  useZone(deviceZone(-5 * HOUR));
  assert.equal(momentOf("2026-10-14T18:06:23"), AT - 204);
  assert.equal(momentOf("2026-10-14T18:06"), AT - 23_204);
  assert.equal(momentOf(""), null);
});

test("ticks stand on whole hours of the chosen zone", () => {
  const view = { start_ms: AT, end_ms: AT + 6 * HOUR };
  const local = ticks(view, 600, 5.5 * HOUR).map((at) => (at + 5.5 * HOUR) % HOUR);
  assert.deepEqual(new Set(local), new Set([0]));
});

test("three days are three lines, newest first", () => {
  assert.deepEqual(daysBetween(FROM, TO), [utc("2026-10-03T00:00"), utc("2026-10-02T00:00"), FROM]);
});

test("in another zone the same hours touch a day more, and each begins at midnight there", () => {
  useZone(deviceZone(2 * HOUR));
  assert.deepEqual(daysBetween(FROM, TO).map((start) => new Date(start).getUTCHours()), [22, 22, 22, 22]);
  assert.equal(daysBetween(FROM, TO)[0], utc("2026-10-03T22:00"));
  useZone(deviceZone(-5 * HOUR));
  assert.equal(daysBetween(FROM, TO).at(-1), utc("2026-09-30T05:00"));
});

test("a day on which clocks are put back is one line of 25 hours", () => {
  const back = utc("2026-10-25T01:00");
  useZone({ name: "local", offsetAt: (ms) => (ms < back ? 2 : 1) * HOUR });
  const days = daysBetween(utc("2026-10-24T00:00"), utc("2026-10-27T00:00"));
  assert.deepEqual(days.slice(0, -1).map((start, number) => (start - days[number + 1]) / HOUR), [24, 25, 24]);
});

test("a moment of today is a clock, any other has its day, both in the page's zone", () => {
  const now = utc("2026-10-14T23:30");
  assert.equal(moment(utc("2026-10-14T14:13:55"), now), "14:13:55");
  assert.equal(moment(utc("2026-10-13T09:12:20"), now), "13 Oct 09:12");
  useZone(deviceZone(2 * HOUR));
  assert.equal(moment(utc("2026-10-14T14:13:55"), now), "14 Oct 16:13");
});
