import assert from "node:assert/strict";
import test from "node:test";

import { Forwards, mostTelling } from "../../static/js/session/forwards.js";

/** @param {Record<number, string[]>} statuses */
function answering(statuses) {
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ address) => {
    asked.push(address);
    const events = Object.entries(statuses).map(([seq, forwards]) => ({ seq: Number(seq), forwards }));
    return { ok: true, json: async () => ({ events }) };
  });
  return asked;
}

/** @param {Forwards} forwards @param {number[]} seqs @param {number} now_ms */
async function learned(forwards, seqs, now_ms) {
  const change = new Promise((done) => forwards.addEventListener("change", done, { once: true }));
  forwards.want(seqs, now_ms);
  await change;
}

test("what went wrong with one destination shows before what went well with another", () => {
  assert.equal(mostTelling(["sent", "dead"]), "dead");
  assert.equal(mostTelling(["sent", "due"]), "due");
  assert.equal(mostTelling([]), null);
});

test("the events in sight are asked for once a page, not once a row", async () => {
  const asked = answering({ 1: ["sent"], 2: [] });
  const forwards = new Forwards("/s/");
  await learned(forwards, [1, 2, 60], 0);
  assert.deepEqual(asked, ["/s/events/?after=0&limit=100&forwards=true"]);
  assert.equal(forwards.of(1), "sent");
  assert.equal(forwards.of(2), null);
  assert.equal(forwards.of(3), undefined);
});

test("what is on its way is asked for again, what arrived is not", async () => {
  const asked = answering({ 1: ["due"], 101: ["sent"] });
  const forwards = new Forwards("/s/");
  await learned(forwards, [1], 0);
  forwards.want([1, 101], 1000);
  assert.equal(asked.length, 1);
  await learned(forwards, [1, 101], 6000);
  assert.equal(asked.length, 2);
});
