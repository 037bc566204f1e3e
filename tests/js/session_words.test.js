import assert from "node:assert/strict";
import { test } from "node:test";

import { barWords, caughtUpWords } from "../../static/js/session/connection_words.js";
import { EventFilter, countKinds } from "../../static/js/session/event_filter.js";
import { detail, groups, hint } from "../../static/js/session/event_words.js";
import { figureWords, startupsBeside } from "../../static/js/session/figures.js";
import { numbered } from "../../static/js/session/findings.js";
import { legs } from "../../static/js/session/journey.js";
import { pieces } from "../../static/js/session/json_view.js";
import { delivery } from "../../static/js/session/origin.js";
import { isWorthALook, valueWords } from "../../static/js/session/summary_panel.js";
import { T0, event, session, timeline } from "./samples.js";

test("values get a readable hint beside them, ids and ad positions do not", () => {
  assert.equal(hint("playhead_position", 229_030), "03:49.0");
  assert.equal(hint("qos_bitrate", 8_000_000), "8.0 Mbps");
  assert.equal(hint("ad_content_duration", 15_000), "15.0 s");
  assert.equal(hint("ad_content_position", 2), "");
  assert.equal(hint("content_id", "7"), "");
});

test("attributes are grouped and none is lost", () => {
  const attributes = { content_id: "a", ad_content_id: "b", segment_index: 1, media_session_id: "c", buffer_percent: 0, other: null };
  const names = groups(attributes).flatMap(([, members]) => members);
  assert.deepEqual(names.sort(), Object.keys(attributes).sort());
});

test("a custom event's detail shows its own attributes only", () => {
  const custom = event(1, 1, { kind: "custom", name: "Share Tapped", is_custom: true, attributes: { target: "copy_link", content_id: "x" } });
  assert.equal(detail(custom), "target=copy_link");
});

test("a difference is marked past 2 s or 1 %, a count or a flag at once", () => {
  /** @param {string} field @param {unknown} client @param {unknown} server */
  const isMarked = (field, client, server) => {
    const difference = typeof client === "number" && typeof server === "number" ? client - server : null;
    return isWorthALook({ field, client, server, difference, same: client === server, cause: null });
  };
  assert.equal(isMarked("media_time_spent", 60_000, 61_900), false);
  assert.equal(isMarked("media_time_spent", 60_000, 62_100), true);
  assert.equal(isMarked("media_time_spent", 1_000_000, 1_009_000), false);
  assert.equal(isMarked("media_session_end_time", 1.7e12, 1.7e12 + 2_100), true);
  assert.equal(isMarked("media_ad_time_spent_rate", 10, 10.05), false);
  assert.equal(isMarked("media_ad_time_spent_rate", 10, 12), true);
  assert.equal(isMarked("media_session_ad_total", 2, 3), true);
  assert.equal(isMarked("media_content_complete", true, false), true);
  assert.equal(isMarked("media_time_spent", null, 60_000), false);
});

test("the filter knows kinds, words and the view", () => {
  const events = [event(1, 1, { kind: "play", name: "Play" }), event(2, 2), event(3, 3, { attributes: { Source: "Back Button" } })];
  const filter = new EventFilter();
  assert.equal(filter.apply(events), events);
  filter.toggle("play");
  filter.words = "back";
  assert.deepEqual(filter.apply(events).map(({ seq }) => seq), [3]);
  filter.words = "";
  filter.view = { start_ms: T0 + 2000, end_ms: T0 + 2500 };
  assert.deepEqual(filter.apply(events).map(({ seq }) => seq), [2]);
  assert.deepEqual(countKinds(events), { play: 1, qos: 2 });
});

test("legs of an event's way skip stops whose time is unknown", () => {
  const stops = [0, 467, null, 505, null].map((at_ms) => ({ name: "", at_ms }));
  assert.deepEqual(legs(stops), [467, null, 38, null]);
});

test("JSON is cut into pieces that add up to it", () => {
  const json = JSON.stringify({ name: "a \"quoted\": <b>", on: true, none: null, count: 3 }, null, 2);
  assert.equal(pieces(json).map(({ text }) => text).join(""), json);
  assert.deepEqual(pieces(json).filter(({ look }) => look === "literal").map(({ text }) => text), ["true", "null"]);
});

test("figures say what is unknown and how a session ended", () => {
  const words = figureWords(session(1, 163), timeline(), T0 + 120_000);
  assert.equal(words.running.label, "Running for");
  assert.equal(words.running.value, "2 min 00 s");
  assert.equal(words.rebuffer_ms.unit, "× · 8.0 s");
  const bare = { ...session(1, 0), live: false, numbers: {} };
  assert.equal(figureWords(bare, timeline({ qos: [] }), T0).startup_time_ms.value, "–");
  assert.equal(figureWords(bare, timeline({ qos: [] }), T0).running.label, "Session length");
});

test("findings are numbered by time, eight at most", () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ kind: "rebuffering", at_ms: T0 - index, text: String(index) }));
  const shown = numbered(many);
  assert.equal(shown.length, 8);
  assert.deepEqual(shown.map(({ text }) => text), ["7", "6", "5", "4", "3", "2", "1", "0"]);
});

test("numbers of the summary are worded by what their names promise", () => {
  assert.equal(valueWords("rebuffer_ratio", 0.0197), "1.97 %");
  assert.equal(valueWords("content_time_ms", 615_000), "10 min 15 s");
  assert.equal(valueWords("reached_end", false), "false");
  assert.equal(valueWords("ad_count", 0), "0");
  assert.equal(valueWords("startup_time_ms", null), "–");
});

test("a delivery that waits says so, a failed one says what was answered", () => {
  const due = { destination: "US1", status: "due", http_status: null, attempts: 0, at: null, error: "" };
  assert.equal(delivery(due).words, "waits for its turn");
  assert.match(delivery({ ...due, http_status: 429, attempts: 3, error: "Too Many Requests" }).words, /429.*3 tries.*Too Many/);
});

test("the header says up to when, and how far behind while it is measured", () => {
  const standing = { live: true, last_at_ms: T0, behind_ms: 420, heard_ago_ms: 100 };
  assert.equal(caughtUpWords(standing), "caught up to 14:02:11 · 0.4 s behind");
  assert.equal(caughtUpWords({ ...standing, heard_ago_ms: 60_000 }), "caught up to 14:02:11");
  assert.equal(barWords("live", 0, T0), null);
  assert.match(barWords("off", 9, T0)?.[1] ?? "", /Nothing below has changed/);
});

test("a startup time stands beside p50 and p95 of comparable sessions, where there are enough", () => {
  const shown = { ...session(1, 163), numbers: { startup_time_ms: 1800, startup_source: "client" } };
  const usual = { platform: "Roku", sessions: 1462, p50_ms: 1100, p75_ms: 1600, p95_ms: 3400 };
  const hintWith = (/** @type {any} */ known) => figureWords(shown, timeline(), T0, known).startup_time_ms.hint;
  assert.equal(hintWith(usual), "Roku: p50 1.1 · p95 3.4 s");
  assert.equal(hintWith({ ...usual, platform: null }), "All: p50 1.1 · p95 3.4 s");
  assert.equal(hintWith(null), "sent by the client");
  assert.deepEqual(startupsBeside({ platform: usual, title: null }), ["Roku sessions in the 7 days up to this one: p50 1.1 · p95 3.4 s, 1,462 started."]);
});
