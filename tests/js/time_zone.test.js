import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { clock, dayClock } from "../../static/js/lib/durations.js";
import { UTC, deviceZone, momentOf, useZone, zoneWords } from "../../static/js/lib/time_zone.js";
import { ticks } from "../../static/js/timeline/scale.js";

const HOUR = 3_600_000;
const AT = Date.parse("2026-10-14T23:06:23.204Z");

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
