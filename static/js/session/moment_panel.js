/** The whole state at one moment: the side panel while no event is selected, and the phone's read-out. */

import { el, fill } from "../lib/dom.js";
import { UNKNOWN, clock, elapsed, length, megabits, percent, stateWord } from "../lib/durations.js";
import { icon } from "../lib/icons.js";
import { zoneWords } from "../lib/time_zone.js";

/** @typedef {import("../timeline/model.js").Moment} Moment */
/** @typedef {import("../timeline/model.js").TimelineModel} TimelineModel */
/** @typedef {import("../timeline/gutter.js").Reading & { moment: Moment }} Look */
/** @typedef {[name: string, value: string, hint?: string]} Row */

/** @param {HTMLElement} panel @param {TimelineModel} model @param {Look} look */
export function showMoment(panel, model, look) {
  const { at_ms, moment } = look;
  const state = moment.band?.state ?? (model.live ? "starting" : "ended");
  const mark = el("span", { class: `mark text-${state}` });
  mark.append(icon(state, "medium"), stateWord(state));
  fill(
    panel,
    el(
      "div",
      { class: "inspector-head" },
      el("h2", {}, el("span", { class: "grow" }, title(model, look)), mark),
      el("p", {}, el("span", {}, `${clock(at_ms, 1)} ${zoneWords(at_ms)}`), el("span", { class: "quiet" }, `+${elapsed(at_ms - model.start_ms, true)}`)),
    ),
    el("div", { class: "inspector-body", tabindex: 0 }, ...sections(model, look).flatMap(([name, rows]) => section(name, rows))),
    el("p", { class: "note foot" }, el("span", {}, el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " step through events. Click a tick or a row to inspect one.")),
  );
}

/** @param {TimelineModel} model @param {Look} look */
function title(model, { isEdge, missing }) {
  if (!isEdge) return "At the crosshair";
  if (!model.live) return "At the end";
  return missing ? "At the last data" : "Live edge";
}

/** @param {TimelineModel} model @param {Look} look @returns {[string, Row[]][]} */
function sections(model, look) {
  const { at_ms, moment } = look;
  const { segment, event, next } = moment;
  return [
    ["Playback", playbackRows(model, look)],
    ["Ad", adRows(model, at_ms, moment)],
    ["Segment", [["segment_title", segment?.segment_title ?? (segment ? `Segment ${segment.number}` : "none"), segment?.segment_index === null || !segment ? "" : `index ${segment.segment_index}`]]],
    ["Quality, as last reported", qualityRows(at_ms, moment)],
    [
      "Events",
      [
        ["last", event?.name ?? "none", event ? `${length(Math.max(0, at_ms - event.at_ms))} before` : ""],
        ["next", next?.name ?? "none", next ? `in ${length(next.at_ms - at_ms)}` : ""],
      ],
    ],
  ];
}

/** @param {TimelineModel} model @param {Look} look @returns {Row[]} */
function playbackRows(model, { at_ms, moment, duration_ms }) {
  const { band, position_ms } = moment;
  const isOpen = band?.end_ms === null && model.live;
  const lasted = band ? (isOpen ? `${length(at_ms - band.start_ms)} so far` : length((band.end_ms ?? model.end_ms) - band.start_ms)) : "";
  /** @type {Row[]} */
  const rows = [["state", band ? stateWord(band.state) : "none", band ? `since ${clock(band.start_ms)}, ${lasted}${band.inferred ? ", inferred" : ""}` : ""]];
  if (band?.under) rows.push(["last known", stateWord(band.under)]);
  const share = position_ms !== null && duration_ms ? `, ${percent(position_ms / duration_ms)}` : "";
  rows.push(["playhead_position", position_ms === null ? UNKNOWN : String(Math.round(position_ms)), position_ms === null ? "" : `${elapsed(position_ms, true)}${share}`]);
  return rows;
}

/** @param {TimelineModel} model @param {number} at_ms @param {Moment} moment @returns {Row[]} */
function adRows(model, at_ms, { ad_break, ads_of_break, ad }) {
  const lasts = ad_break?.ad_break_duration_ms;
  const size = [ads_of_break.length ? `${ads_of_break.length} ads` : "", lasts ? length(lasts) : ""].filter(Boolean).join(", ");
  /** @type {Row[]} */
  const rows = [["ad_break_title", ad_break ? (ad_break.ad_break_title ?? ad_break.ad_break_id ?? "untitled") : "none", ad_break ? size : ""]];
  if (!ad) return rows;
  const of = ad.ad_content_duration_ms ? ` of ${length(ad.ad_content_duration_ms)}` : "";
  rows.push(["ad_content_title", ad.ad_content_title ?? ad.ad_content_id ?? "untitled", `${length(at_ms - ad.start_ms)}${of}`]);
  if (ad.ad_content_advertiser) rows.push(["ad_content_advertiser", ad.ad_content_advertiser]);
  return rows;
}

/** @param {number} at_ms @param {Moment} moment @returns {Row[]} */
function qualityRows(at_ms, { qos }) {
  if (!qos) return [["Update QoS", "none"]];
  return [
    ["qos_bitrate", qos.bitrate_bps === null ? UNKNOWN : String(qos.bitrate_bps), qos.bitrate_bps === null ? "" : megabits(qos.bitrate_bps)],
    ["qos_fps", qos.fps === null ? UNKNOWN : String(qos.fps)],
    ["qos_dropped_frames", qos.dropped_frames === null ? UNKNOWN : String(qos.dropped_frames), qos.dropped_delta ? `+${qos.dropped_delta}` : ""],
    ["reported", `${length(Math.max(0, at_ms - qos.at_ms))} before`],
  ];
}

/** @param {string} name @param {Row[]} rows */
export function section(name, rows) {
  const cells = rows.flatMap(([key, value, hint]) => [
    el("dt", {}, key),
    el("dd", {}, value, hint ? " " : null, hint ? el("span", { class: "hint" }, hint) : null),
  ]);
  return [el("h3", {}, name), el("dl", { class: "key-values" }, ...cells)];
}

/** @param {HTMLElement} readout @param {TimelineModel} model @param {Look} look */
export function showReadout(readout, model, { at_ms, moment }) {
  const { band, qos, ad, segment, position_ms } = moment;
  const state = band?.state ?? "ended";
  const shape = el("span", { class: `text-${state}` });
  shape.append(icon(state, "small"), ` ${stateWord(state)}`);
  const quality = qos ? `${qos.fps ?? UNKNOWN} · ${qos.dropped_frames ?? UNKNOWN}` : UNKNOWN;
  fill(
    readout,
    cell(`At, ${zoneWords(at_ms)}`, clock(at_ms, 1)),
    el("div", {}, el("small", {}, "State"), shape),
    cell("Playhead", elapsed(position_ms, true)),
    cell("Bitrate", megabits(qos?.bitrate_bps)),
    cell("Frames/s · dropped", quality),
    ad ? cell("Ad", ad.ad_content_title ?? `Ad ${ad.number}`) : cell("Segment", segment?.segment_title ?? "none"),
  );
}

/** @param {string} name @param {string} words */
function cell(name, words) {
  return el("div", {}, el("small", {}, name), words);
}
