import assert from "node:assert/strict";
import test from "node:test";

import { missingIn } from "../../static/js/session/history.js";

test("what came with the page is not asked for again", () => {
  assert.deepEqual(missingIn(new Set([1, 2, 3]), 10), { after: 3, upTo: 10 });
});

test("after a reset everything before the newest events is asked for", () => {
  assert.deepEqual(missingIn(new Set([8, 9, 10]), 10), { after: 0, upTo: 7 });
});

test("what was asked for and did not come is not asked for again", () => {
  assert.deepEqual(missingIn(new Set([1, 2, 5]), 10, 4), { after: 5, upTo: 10 });
  assert.equal(missingIn(new Set([1, 2, 5]), 5, 4), null);
});

test("nothing is asked for when all are here", () => {
  assert.equal(missingIn(new Set([2, 1]), 2), null);
  assert.equal(missingIn(new Set(), 0), null);
});
