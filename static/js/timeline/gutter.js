/** The lanes' names at the left, and beside each what it says at the crosshair, the selection or the live edge. */

import { el, fill, setText } from "../lib/dom.js";
import { clock, elapsed, length, megabits, percent, stateWord } from "../lib/durations.js";
import { icon } from "../lib/icons.js";
import { segmentWords } from "./draw_ads.js";
import { shownPosition } from "./draw_playhead.js";
import { LANES } from "./lanes.js";

/** @typedef {import("./model.js").TimelineModel} TimelineModel */
/** @typedef {import("./model.js").Moment} Moment */
/** @typedef {import("./lanes.js").LaneName} LaneName */
/** @typedef {{ at_ms: number, isEdge: boolean, missing: boolean, duration_ms: number | null, isLiveStream: boolean }} Reading */

export class Gutter {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {Map<LaneName, { value: HTMLElement, hint: HTMLElement | null }>} */
    this.cells = new Map();
    fill(root, ...LANES.map((lane) => this.row(lane)));
  }

  /** @param {import("./lanes.js").Lane} lane */
  row({ name, label, icon: shape, tall, joined }) {
    const value = el("span", { class: "lane-value" });
    const hint = tall ? el("span", { class: "lane-hint" }) : null;
    this.cells.set(name, { value, hint });
    const classes = ["lane", `lane-${name}`, tall && "tall", joined && "joined"].filter(Boolean).join(" ");
    return el(
      "div",
      { class: classes },
      el("em", { class: "lane-icon", title: label }, shape ? icon(shape, "medium") : "fps"),
      el("div", { class: "lane-words" }, el("b", name === "ruler" ? { "data-zone-words": true } : {}, label), value),
      hint,
    );
  }

  /** @param {TimelineModel} model @param {Moment} moment @param {Reading} reading */
  show(model, moment, reading) {
    this.put("ruler", edgeWords(model, reading), null);
    this.showPlayback(moment, reading, model);
    const { ad, ad_break, ads_of_break } = moment;
    const place = ad ? ` · ${ads_of_break.indexOf(ad) + 1}/${ads_of_break.length}` : "";
    const title = ad_break?.ad_break_title ?? (ad_break || ad ? "Ad" : null);
    this.put("ads", title ? `${title}${ads_of_break.length ? place : ""}` : "none", ad?.ad_content_advertiser ?? "", title ? "text-ad" : "quiet");
    this.put("segment", moment.segment ? segmentWords(moment.segment).replace("  ", " · ") : "none", null, moment.segment ? "" : "quiet");
    this.showPlayhead(model, moment, reading);
    this.showQuality(moment, reading);
    const { event, index } = moment;
    this.put("events", event ? `${index + 1} of ${model.events.length}` : "–", event?.name ?? "");
  }

  /** @param {Moment} moment @param {Reading} reading @param {TimelineModel} model */
  showPlayback({ band, known }, { at_ms }, model) {
    const cell = this.cells.get("playback");
    if (!cell) return;
    if (!band || !known) {
      this.put("playback", "–", "");
      return;
    }
    cell.value.className = `lane-value strong text-${band.state}`;
    if (cell.value.dataset.state !== band.state || !cell.value.firstElementChild) {
      cell.value.dataset.state = band.state;
      fill(cell.value, icon(band.state, "small"), ` ${stateWord(band.state)}`);
    }
    setText(cell.hint, bandWords(band, at_ms, model));
  }

  /** @param {TimelineModel} model @param {Moment} moment @param {Reading} reading */
  showPlayhead(model, { position_ms }, { duration_ms, isLiveStream, at_ms }) {
    if (isLiveStream) {
      const behind = shownPosition(model, true, at_ms);
      this.put("playhead", behind === null ? "–" : `−${length(behind)}`, behind === null ? "" : "behind the live edge", "strong");
      return;
    }
    const hint = position_ms !== null && duration_ms ? `of ${elapsed(duration_ms)} · ${percent(position_ms / duration_ms)}` : "";
    this.put("playhead", elapsed(position_ms, true), hint, "strong");
  }

  /** @param {Moment} moment @param {Reading} reading */
  showQuality({ qos }, { at_ms }) {
    this.put("bitrate", megabits(qos?.bitrate_bps), qos ? `${length(Math.max(0, at_ms - qos.at_ms))} old` : "", "strong");
    this.put("fps", qos?.fps === null || !qos ? "–" : String(Math.round(qos.fps * 10) / 10), null);
    const total = qos?.dropped_frames ?? null;
    this.put("dropped", total === null ? "–" : `${qos?.dropped_delta ? `+${qos.dropped_delta}` : 0} · ${total} total`, null);
  }

  /** @param {LaneName} lane @param {string} words @param {string | null} hint @param {string} [look] */
  put(lane, words, hint, look = "") {
    const cell = this.cells.get(lane);
    if (!cell) return;
    cell.value.className = `lane-value ${look}`;
    delete cell.value.dataset.state;
    setText(cell.value, words);
    if (cell.hint && hint !== null) setText(cell.hint, hint);
  }
}

/** @param {TimelineModel} model @param {Reading} reading */
function edgeWords(model, { at_ms, isEdge, missing }) {
  if (!isEdge) return clock(at_ms, 1);
  if (!model.live) return "end";
  return missing ? "last data" : "live edge";
}

/** @param {import("./types.js").Band} band @param {number} at_ms @param {TimelineModel} model */
function bandWords(band, at_ms, model) {
  const so_far = Math.max(0, Math.min(at_ms, band.end_ms ?? model.end_ms) - band.start_ms);
  const isOpen = band.end_ms === null && model.live;
  const whole = (band.end_ms ?? model.end_ms) - band.start_ms;
  if (so_far < 50) return `begins, ${isOpen ? "open" : length(whole)}`;
  return isOpen ? `for ${length(so_far)} so far` : `${length(so_far)} of ${length(whole)}`;
}
