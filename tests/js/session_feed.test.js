import assert from "node:assert/strict";
import { test } from "node:test";

import { SessionFeed } from "../../static/js/live/session_feed.js";
import { T0, event, session, timeline } from "./samples.js";

function feedAt(version = 3) {
  const feed = new SessionFeed(session(version, 2), timeline(), [event(1, 10), event(2, 20)]);
  /** @type {any[]} */
  const changes = [];
  /** @type {any[]} */
  const holes = [];
  feed.addEventListener("change", (said) => changes.push(/** @type {CustomEvent} */ (said).detail));
  feed.addEventListener("hole", (said) => holes.push(/** @type {CustomEvent} */ (said).detail));
  return { feed, changes, holes };
}

/** @param {number} since @param {number} version @param {any[]} events @returns {any} */
function frame(since, version, events) {
  const seq = events.at(-1)?.seq ?? 2;
  return { type: "frame", since, version, seq, session: session(version, seq), events, timeline: null, received_at_ms: T0, sent_at_ms: T0 + 5 };
}

/** @param {string} outcome @param {number} version @param {any[]} events @param {any} lanes @returns {any} */
function hello(outcome, version, events, lanes) {
  return { type: "hello", outcome, since: 2, version, seq: events.at(-1)?.seq ?? 2, session: session(version, 9), timeline: lanes, events, server_at_ms: T0 };
}

test("a frame that joins on is taken in", () => {
  const { feed, changes } = feedAt();
  feed.receive(frame(3, 4, [event(3, 30)]));
  assert.equal(feed.version, 4);
  assert.equal(feed.seq, 3);
  assert.equal(feed.model.events.length, 3);
  assert.equal(changes.length, 1);
});

test("a frame of the past changes nothing", () => {
  const { feed, changes } = feedAt();
  feed.receive(frame(2, 3, [event(9, 90)]));
  assert.equal(feed.model.events.length, 2);
  assert.equal(changes.length, 0);
});

test("a hole is noticed, asked about once, and nothing is guessed meanwhile", () => {
  const { feed, holes } = feedAt();
  feed.receive(frame(5, 6, [event(5, 50)]));
  feed.receive(frame(6, 7, [event(6, 60)]));
  assert.deepEqual(holes, [2]);
  assert.equal(feed.model.events.length, 2);
});

test("the answer to a hole fills it without a double", () => {
  const { feed, holes } = feedAt();
  feed.receive(frame(5, 6, [event(5, 50)]));
  feed.receive(hello("replayed", 6, [event(2, 20), event(3, 30), event(4, 40), event(5, 50)], null));
  assert.deepEqual(feed.model.events.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
  feed.receive(frame(6, 7, [event(6, 60)]));
  assert.equal(feed.version, 7);
  assert.equal(holes.length, 1);
});

test("a reset replaces everything", () => {
  const { feed, changes } = feedAt();
  feed.receive(hello("reset", 90, [event(80, 80), event(81, 81)], timeline()));
  assert.deepEqual(feed.model.events.map(({ seq }) => seq), [80, 81]);
  assert.equal(changes[0].outcome, "reset");
});

test("nothing missed keeps what is there", () => {
  const { feed } = feedAt();
  feed.receive(hello("nothing_missed", 3, [], null));
  assert.equal(feed.model.events.length, 2);
});

test("late events are named, so that the page can say so", () => {
  const { feed, changes } = feedAt();
  feed.receive(frame(3, 4, [event(3, 5, { is_late: true })]));
  assert.equal(changes[0].late.length, 1);
  assert.equal(feed.model.events[0].seq, 3);
});
