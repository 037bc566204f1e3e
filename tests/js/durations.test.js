import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, count, elapsed, jump, length, megabits, percent } from "../../static/js/lib/durations.js";

test("positions", () => {
  assert.deepEqual([0, 252_000, 3_852_000, -15_000].map((ms) => elapsed(ms)), ["00:00", "04:12", "1:04:12", "−00:15"]);
  assert.equal(elapsed(252_340, true), "04:12.3");
  assert.deepEqual([jump(150_000), jump(-15_000)], ["+2:30", "−0:15"]);
});

test("lengths of time", () => {
  assert.deepEqual([340, 7900, 59_960, 72_000, 7_500_000, 273_600_000].map(length), ["340 ms", "7.9 s", "1 min 00 s", "1 min 12 s", "2 h 05 min", "3 d 04 h"]);
});

test("wall clock in UTC", () => {
  assert.equal(clock(Date.UTC(2026, 9, 14, 14, 6, 23, 204)), "14:06:23");
  assert.equal(clock(Date.UTC(2026, 9, 14, 14, 6, 23, 204), 3), "14:06:23.204");
});

test("unknown is a dash and zero is zero", () => {
  assert.deepEqual([elapsed(null), length(undefined), megabits(null), percent(null), count(null), clock(null)], Array(6).fill("–"));
  assert.deepEqual([length(0), percent(0), count(0)], ["0 ms", "0 %", "0"]);
});

test("a year beyond every calendar is a dash, not an exception", () => {
  assert.equal(clock(8.64e15 + 1), "–");
});
