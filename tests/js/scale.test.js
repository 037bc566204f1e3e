import assert from "node:assert/strict";
import { test } from "node:test";

import { momentAt, positionAxis, spanOf, spread, tickStep, ticks, valueAxis, wholeView, within, xOf, zoomed } from "../../static/js/timeline/scale.js";

const view = { start_ms: 1000, end_ms: 61_000 };

test("a moment and its pixel lead to each other", () => {
  assert.equal(xOf(31_000, view, 600), 300);
  assert.equal(momentAt(300, view, 600), 31_000);
});

test("zooming keeps the moment under the pointer where it is", () => {
  const closer = zoomed(view, 0.5, 16_000);
  assert.equal(xOf(16_000, closer, 600), xOf(16_000, view, 600));
  assert.equal(spanOf(closer), 30_000);
});

test("at the closest the picture stands still however much one zooms", () => {
  const closest = { start_ms: 1000, end_ms: 3000 };
  assert.deepEqual(zoomed(closest, 0.5, 2600), closest);
  assert.equal(spanOf(zoomed({ start_ms: 0, end_ms: 3000 }, 0.1, 2400)), 2000);
});

test("the view never leaves the session and never gets closer than two seconds", () => {
  const limits = { start_ms: 0, end_ms: 100_000 };
  assert.deepEqual(within({ start_ms: -50_000, end_ms: 10_000 }, limits), { start_ms: 0, end_ms: 60_000 });
  assert.equal(spanOf(within({ start_ms: 500, end_ms: 600 }, limits)), 2000);
  assert.deepEqual(within({ start_ms: -1, end_ms: 1_000_000 }, limits), limits);
});

test("ticks are the smallest whole step with 84 px between them", () => {
  assert.equal(tickStep(view, 600), 10_000);
  assert.equal(tickStep(view, 1200), 5000);
  assert.ok(ticks(view, 600).every((at) => at % 10_000 === 0));
});

test("a session of years still has few ticks", () => {
  const years = { start_ms: 0, end_ms: 40 * 365 * 86_400_000 };
  assert.ok(ticks(years, 800).length <= 41);
});

test("a live session has twice the air after now", () => {
  const whole = wholeView(0, 1_000_000, true);
  assert.equal(whole.end_ms - 1_000_000, 2 * -whole.start_ms);
});

test("a value axis has one or two lines and room above", () => {
  assert.deepEqual(valueAxis(8_000_000).step, 4_000_000);
  for (const peak of [1, 900, 47_123, 9_600_000]) {
    const { top, step } = valueAxis(peak);
    assert.ok(top > peak);
    assert.ok(top / step <= 6 && top / step >= 1);
  }
});

test("the playhead's scale has at most four labels at any zoom", () => {
  for (const [low, high] of [[0, 0], [0, 500], [229_030, 236_000], [0, 2_640_000], [0, 40_000_000]]) {
    const { bottom, top, step } = positionAxis(low, high);
    assert.ok(bottom <= low && top >= high);
    assert.ok((top - bottom) / step <= 5, `${low}–${high}: ${(top - bottom) / step}`);
  }
});

test("pins keep 24 px between them and stay on the track", () => {
  const places = spread([100, 101, 102, 595, 599], 24, 600);
  for (let index = 1; index < places.length; index += 1) assert.ok(places[index] - places[index - 1] >= 24);
  assert.ok(places[places.length - 1] <= 590);
});
