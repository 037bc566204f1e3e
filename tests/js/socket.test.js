import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../../static/js/live/server_clock.js";
import { stateAfter, waitBefore } from "../../static/js/live/socket.js";

test("waits double from one second to thirty, less up to a half", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 50].map((tries) => waitBefore(tries, 0)), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.equal(waitBefore(3, 1), 2000);
});

test("two seconds without a line are reconnecting, a minute is disconnected", () => {
  assert.deepEqual([500, 2000, 59_999, 60_000].map(stateAfter), ["live", "reconnecting", "reconnecting", "off"]);
});

test("the server's clock is learnt from the quickest message", () => {
  const clock = new ServerClock();
  clock.learn(10_000, 9500);
  clock.learn(11_000, 11_400);
  assert.equal(clock.at(20_000), 20_500);
});
