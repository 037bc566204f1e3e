/** The board's promises: nothing moves under the reader's eyes, nothing is lost, a pause is a pause. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BoardFeed } from "../../static/js/live/board_feed.js";

/** @param {string} id @param {object} [changes] */
function row(id, changes = {}) {
  return /** @type {import("../../static/js/live/board_words.js").Row} */ ({
    id, media_session_id: id, mpid_masked: "6848", content_id: "film", content_title: `Title ${id}`, content_show: null,
    stream_type: "OnDemand", content_type: "Video", content_duration_ms: 60_000, player_name: "", platform: "web",
    device: "", input: { id: "1", name: "Web" }, state: "playing", state_since_ms: 0, playhead_position_ms: 0,
    behind_live_ms: null, strip: [], errors: [], live: true, ended_reason: null, started_at_ms: Number(id), last_at_ms: 0,
    health: { error_count: 0, rebuffer_count: 0, rebuffer_ms: 0, dropped_frames: 0, late_ms: 0 }, version: 1, ...changes,
  });
}

/** @param {number} seq @param {object} [changes] */
function frame(seq, changes = {}) {
  return /** @type {import("../../static/js/live/board_feed.js").BoardFrame} */ ({
    type: "board", seq, reset: false, as_of_ms: seq, upsert: [], ended: [], gone: [], figures: {}, by_state: {}, titles: [],
    total: 2, matched: 2, ...changes,
  });
}

/** A board just drawn: its line has said nothing yet. */
const feedOf = () => new BoardFeed(frame(0, { reset: true, upsert: [row("1"), row("2")] }), "newest");

/** A board somebody is reading: the line's first word, the frame 0 again, is behind it. */
function readFeed() {
  const feed = feedOf();
  feed.receive(frame(0, { reset: true, upsert: [row("1"), row("2")] }));
  return feed;
}

test("rows change in place", () => {
  const feed = feedOf();
  feed.receive(frame(1, { upsert: [row("1", { state: "buffering", version: 2 })] }));
  assert.deepEqual(feed.shown, ["2", "1"]);
  assert.equal(feed.rows.get("1")?.state, "buffering");
  assert.deepEqual([...feed.takeChanged()], ["1"]);
});

test("new sessions wait until they are asked for", () => {
  const feed = readFeed();
  feed.receive(frame(1, { upsert: [row("3")] }));
  assert.deepEqual(feed.shown, ["2", "1"]);
  assert.equal(feed.waiting.size, 1);
  feed.showNew();
  assert.deepEqual(feed.shown, ["3", "2", "1"]);
  assert.equal(feed.waiting.size, 0);
});

test("a session that began while the page was drawn is part of the drawing", () => {
  const feed = feedOf();
  feed.receive(frame(5, { reset: true, as_of_ms: 900, upsert: [row("1"), row("2"), row("3")] }));
  assert.deepEqual(feed.shown, ["3", "2", "1"]);
  assert.equal(feed.waiting.size, 0);
});

test("a line that comes up long after the page was drawn moves nothing", () => {
  const feed = feedOf();
  feed.receive(frame(5, { reset: true, as_of_ms: 9000, upsert: [row("1"), row("2"), row("3")] }));
  assert.deepEqual(feed.shown, ["2", "1"]);
  assert.equal(feed.waiting.size, 1);
});

test("an empty list shows what comes at once", () => {
  const feed = new BoardFeed(frame(0, { reset: true }), "newest");
  feed.receive(frame(1));
  feed.receive(frame(2, { as_of_ms: 60_000, upsert: [row("1")] }));
  assert.deepEqual(feed.shown, ["1"]);
});

test("ended sessions stay in their place, greyed, until the list is made anew", () => {
  const feed = feedOf();
  feed.receive(frame(1, { ended: ["2"] }));
  assert.deepEqual(feed.shown, ["2", "1"]);
  assert.ok(feed.over.has("2"));
  feed.showNew();
  assert.deepEqual(feed.shown, ["1"]);
});

test("a board made whole again without a session says that it has ended", () => {
  const feed = feedOf();
  feed.receive(frame(1, { reset: true, upsert: [row("1")], total: 1, matched: 1 }));
  assert.ok(feed.over.has("2"));
  assert.equal(feed.rows.get("2")?.state, "ended");
});

test("a session that no longer matches the filters keeps its last known state", () => {
  const feed = feedOf();
  feed.receive(frame(1, { reset: true, upsert: [row("1")], total: 2, matched: 1 }));
  assert.ok(feed.over.has("2"));
  assert.equal(feed.rows.get("2")?.state, "playing");
});

test("a session that ended before anybody saw it is not announced", () => {
  const feed = feedOf();
  feed.receive(frame(1, { upsert: [row("3")] }));
  feed.receive(frame(2, { ended: ["3"] }));
  assert.equal(feed.waiting.size, 0);
});

test("an old version changes nothing", () => {
  const feed = feedOf();
  feed.receive(frame(1, { upsert: [row("1", { version: 5, state: "ad" })] }));
  feed.receive(frame(2, { upsert: [row("1", { version: 4, state: "paused" })] }));
  assert.equal(feed.rows.get("1")?.state, "ad");
});

test("a paused feed shows one instant and says what waits", () => {
  const feed = feedOf();
  feed.pause(1000);
  feed.receive(frame(1, { upsert: [row("1", { state: "ad", version: 2 }), row("3")] }));
  assert.equal(feed.rows.get("1")?.state, "playing");
  assert.deepEqual(feed.heldBack, { sessions: 1, changes: 2 });
  feed.resume();
  assert.equal(feed.rows.get("1")?.state, "ad");
  assert.equal(feed.waiting.size, 1);
});

test("a hole is noticed, and a whole board heals it", () => {
  const feed = feedOf();
  let holes = 0;
  feed.addEventListener("hole", () => { holes += 1; });
  feed.receive(frame(5, { upsert: [row("1", { version: 9 })] }));
  assert.equal(holes, 1);
  assert.equal(feed.rows.get("1")?.version, 1);
  feed.receive(frame(7, { reset: true, upsert: [row("1", { version: 9 })], matched: 1 }));
  assert.equal(feed.seq, 7);
  assert.equal(feed.rows.get("1")?.version, 9);
  assert.ok(feed.over.has("2"), "what the whole board does not have is over");
});

test("a board that shows only its first rows does not end the others", () => {
  const feed = feedOf();
  feed.receive(frame(1, { reset: true, upsert: [row("1")], matched: 900 }));
  assert.ok(!feed.over.has("2"));
});

test("a frame of rows only leaves the figures as they were", () => {
  const feed = feedOf();
  feed.receive(frame(1, { figures: { viewers_now: 7 } }));
  const bare = frame(2);
  for (const name of ["figures", "by_state", "titles", "total", "matched"]) Reflect.deleteProperty(bare, name);
  feed.receive(bare);
  assert.equal(feed.sides.figures.viewers_now, 7);
});
