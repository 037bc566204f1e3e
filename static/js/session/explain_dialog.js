/** "How is this number made?": the formula in words and the intervals that add up to it, each a way to its moment. */

import { el, fill, setText } from "../lib/dom.js";
import { clock, elapsed, length } from "../lib/durations.js";
import { zoneWords } from "../lib/time_zone.js";
import { valueWords } from "./summary_panel.js";

/**
 * @typedef {{ start_ms: number, end_ms: number, from_event: unknown, to_event: unknown, label: string | null,
 *   amount?: number | null }} Interval
 * @typedef {{ label?: string, formula: string, intervals: Interval[], value: unknown }} Explanation
 */

const MOST_SHOWN = 200;

export class ExplainDialog {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {{ addressOf: (metric: string) => string, goTo: (at_ms: number) => void, started_ms: () => number,
   *   besides: (metric: string) => string[] }} page `besides`: what to set the number against
   */
  constructor(dialog, page) {
    this.dialog = dialog;
    this.page = page;
    this.title = dialog.querySelector("h2");
    this.body = /** @type {HTMLElement} */ (dialog.querySelector(".explain"));
  }

  /** @param {string} metric */
  async open(metric) {
    setText(this.title, metric);
    fill(this.body, el("p", { class: "quiet" }, "Loading …"));
    this.dialog.showModal();
    try {
      const answer = await fetch(this.page.addressOf(metric), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(metric, await answer.json());
    } catch {
      fill(this.body, el("p", {}, "This number could not be explained just now. Close and try again."));
    }
  }

  /** @param {string} metric @param {Explanation} explanation */
  show(metric, { label, formula, intervals, value }) {
    setText(this.title, label ? `${label} · ${metric}` : metric);
    const rows = intervals.slice(0, MOST_SHOWN).map((interval) => this.row(metric, interval));
    const heads = el(
      "tr", {}, el("th", {}, `From (${zoneWords(this.page.started_ms())})`), el("th", { class: "right" }, "Elapsed"),
      el("th", { class: "right" }, "Adds"), el("th", {}, "What"),
    );
    fill(
      this.body,
      el("p", { class: "formula" }, formula),
      el("p", {}, el("b", { class: "strong" }, valueWords(metric, value)), intervals.length ? ` from ${intervals.length} interval${intervals.length === 1 ? "" : "s"}` : ""),
      ...this.page.besides(metric).map((words) => el("p", { class: "secondary" }, words)),
      rows.length ? el("table", { class: "table" }, el("thead", {}, heads), el("tbody", {}, ...rows)) : null,
      intervals.length > MOST_SHOWN ? el("p", { class: "quiet" }, `The first ${MOST_SHOWN} are shown.`) : null,
    );
  }

  /** @param {string} metric @param {Interval} interval */
  row(metric, { start_ms, end_ms, label, amount }) {
    const go = el("button", { type: "button", class: "link" }, clock(start_ms, 1));
    go.addEventListener("click", () => {
      this.dialog.close();
      this.page.goTo(start_ms);
    });
    const lasted_ms = end_ms - start_ms;
    const adds = isMean(metric) ? meanWords(metric, amount ?? 0, lasted_ms) : typeof amount === "number" ? valueWords(metric, amount) : length(lasted_ms);
    return el(
      "tr", {}, el("td", {}, go),
      el("td", { class: "right" }, `+${elapsed(start_ms - this.page.started_ms())}`),
      el("td", { class: "right strong" }, adds),
      el("td", { class: "secondary" }, label ?? ""),
    );
  }
}

/** A mean over time: what an interval adds is its value as long as it lasted, which is no value itself. @param {string} metric */
function isMean(metric) {
  return metric === "average_bitrate_bps";
}

/** @param {string} metric @param {number} amount value × ms @param {number} lasted_ms */
function meanWords(metric, amount, lasted_ms) {
  return `${valueWords(metric, amount / Math.max(1, lasted_ms))} for ${length(lasted_ms)}`;
}
