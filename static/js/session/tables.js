/** The tables of a session's lanes, drawn again when the session moves on: the same cells the server drew first. */

import { el, fill, setText } from "../lib/dom.js";
import { UNKNOWN, clock, count, elapsed, length, megabits, stateWord } from "../lib/durations.js";
import { icon } from "../lib/icons.js";
import { MANY_DROPPED } from "../timeline/draw_quality.js";
import { playheadAt } from "../timeline/spans.js";

/** @typedef {import("../timeline/model.js").TimelineModel} TimelineModel */

/** @type {Record<string, (model: TimelineModel, most: number) => HTMLTableRowElement[]>} */
const ROWS = { playback: playbackRows, ads: adRows, segments: segmentRows, quality: qualityRows };

const PAGE = 200;

/** How many rows each table may have; more on request. @type {Map<string, number>} */
const shownOf = new Map();

/** @param {HTMLElement} panel @param {string} name @param {TimelineModel} model */
export function showTable(panel, name, model) {
  const body = panel.querySelector("tbody");
  if (!body || !ROWS[name]) return;
  const most = shownOf.get(name) ?? PAGE;
  const rows = ROWS[name](model, most);
  fill(body, ...rows);
  const empty = panel.querySelector(".empty");
  if (empty instanceof HTMLElement) empty.hidden = rows.length > 0;
  const table = panel.querySelector("table");
  if (table) table.hidden = rows.length === 0;
  showMore(panel, rowCounts(model)[name] - rows.length, () => {
    shownOf.set(name, most + PAGE);
    showTable(panel, name, model);
  });
}

/** A button under the table while it has more rows than are drawn. @param {HTMLElement} panel @param {number} left @param {() => void} more */
function showMore(panel, left, more) {
  const old = panel.querySelector(".more-rows");
  if (left <= 0) {
    old?.remove();
    return;
  }
  const button = old instanceof HTMLButtonElement ? old : el("button", { type: "button", class: "button more-rows" });
  setText(button, `Show ${Math.min(left, PAGE)} more of ${count(left)}`);
  button.onclick = more;
  if (!old) panel.querySelector(".scroll-x")?.append(button);
}

/** @param {TimelineModel} model @returns {Record<string, number>} */
function rowCounts({ timeline }) {
  const { playback, ad, segment, qos } = timeline;
  const ended = playback.length && playback[playback.length - 1].state === "ended" ? 1 : 0;
  return { playback: playback.length - ended, ads: ad.length, segments: segment.length, quality: qos.length };
}

/** How many rows each table has, for the tabs. @param {TimelineModel} model */
export function tableCounts({ timeline, events }) {
  return { events: events.length, ads: timeline.ad.length, segments: timeline.segment.length, quality: timeline.qos.length };
}

/** @param {number} at_ms @param {...HTMLTableCellElement} cells */
function row(at_ms, ...cells) {
  return el("tr", { "data-at": at_ms }, ...cells);
}

/** @param {string | number} words @param {string} [look] */
const cell = (words, look = "") => el("td", { class: look || null }, words);

/** @param {TimelineModel} model @param {number} most */
function playbackRows(model, most) {
  const { playback, session_started_ms } = model.timeline;
  const bands = playback.filter(({ state }) => state !== "ended");
  return bands.slice(0, most).map((band, index) => {
    const badge = el("span", { class: "badge", "data-state": band.state });
    badge.append(icon(band.state), stateWord(band.state));
    const isOpen = band.end_ms === null && model.live;
    return row(
      band.start_ms,
      el("td", {}, badge, band.inferred ? el("span", { class: "quiet" }, " inferred") : null),
      cell(clock(band.start_ms, 1)),
      cell(`+${elapsed(band.start_ms - session_started_ms)}`, "right"),
      cell(isOpen ? "open" : length((band.end_ms ?? model.end_ms) - band.start_ms), "right strong"),
      cell(elapsed(playheadAt(model.timeline, band.start_ms, model.end_ms)), "right"),
      cell(bands[index + 1] ? stateWord(bands[index + 1].state) : "", "secondary"),
    );
  });
}

/** @type {Record<string, [string, string, string]>} */
const AD_RESULTS = {
  completed: ["check", "text-ok", "completed"],
  skipped: ["skip", "text-ad", "skipped"],
  open: ["play", "text-playing", "playing"],
  ended_early: ["warn", "text-warn", "ended early"],
};

/** @param {TimelineModel} model @param {number} most */
function adRows(model, most) {
  const { ad, ad_break, session_started_ms } = model.timeline;
  return ad.slice(0, most).map((one) => {
    const holder = ad_break.find((item) => one.start_ms >= item.start_ms && one.start_ms <= (item.end_ms ?? model.end_ms));
    const [shape, look, word] = AD_RESULTS[one.result] ?? AD_RESULTS.open;
    const result = el("span", { class: `mark ${look}` });
    result.append(icon(shape, "small"), word);
    const clicks = one.clicks.map((at_ms) => `+${elapsed(at_ms - session_started_ms)}`).join(", ");
    return row(
      one.start_ms,
      cell(holder?.ad_break_title ?? holder?.ad_break_id ?? UNKNOWN),
      cell(one.ad_content_title ?? one.ad_content_id ?? UNKNOWN, "strong"),
      cell(one.ad_content_advertiser ?? UNKNOWN),
      cell(clock(one.start_ms, 1)),
      cell(length((one.end_ms ?? model.end_ms) - one.start_ms), "right"),
      cell(length(one.ad_content_duration_ms), "right"),
      el("td", {}, result),
      cell(clicks || "none", clicks ? "text-ad" : "quiet"),
    );
  });
}

/** @param {TimelineModel} model @param {number} most */
function segmentRows(model, most) {
  return model.timeline.segment.slice(0, most).map((one) =>
    row(
      one.start_ms,
      cell(one.number, "right"),
      cell(one.segment_title ?? UNKNOWN, "strong"),
      cell(clock(one.start_ms, 1)),
      cell(length((one.end_ms ?? model.end_ms) - one.start_ms), "right"),
      cell(length(one.segment_duration_ms), "right"),
      cell(one.result.replace("_", " ")),
    ),
  );
}

/** @param {TimelineModel} model @param {number} most */
function qualityRows(model, most) {
  const { qos, session_started_ms } = model.timeline;
  return qos.slice(0, most).map((point) =>
    row(
      point.at_ms,
      cell(clock(point.at_ms, 1)),
      cell(`+${elapsed(point.at_ms - session_started_ms)}`, "right"),
      cell(megabits(point.bitrate_bps), "right strong"),
      cell(point.fps ?? UNKNOWN, "right"),
      cell(point.dropped_delta ?? UNKNOWN, (point.dropped_delta ?? 0) >= MANY_DROPPED ? "right text-error strong" : "right"),
      cell(point.dropped_frames ?? UNKNOWN, "right"),
      cell(point.startup_time_ms ? length(point.startup_time_ms) : "", "right"),
    ),
  );
}
