/** The Summary tab: what is computed from the events beside what the client sent, and why the two differ. */

import { el, fill } from "../lib/dom.js";
import { UNKNOWN, clock, count, length, percent } from "../lib/durations.js";
import { icon } from "../lib/icons.js";
import { comparisons } from "./story.js";

/** @typedef {import("./story.js").Summary} Summary */
/** @typedef {import("./story.js").Comparison} Comparison */

/** Not numbers of the session, so not in its list. */
const MOST_CHANGES_TOLD = 6;
const NOT_NUMBERS = new Set([
  "settled", "revision", "settled_at", "ads", "segments", "client", "reconciliation", "findings", "changes", "reason",
  "session_id", "media_session_id", "is_current", "started_at_ms", "ended_at_ms", "ended_reason", "revisions",
]);

/**
 * A value of the summary in words, by what its name promises. Pure.
 * @param {string} name @param {unknown} value
 */
export function valueWords(name, value) {
  if (value === null || value === undefined) return UNKNOWN;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Array.isArray(value)) return value.length ? `${value.length}: ${value.join(", ")}` : "none";
  if (typeof value !== "number") return String(value);
  if (/(_at_ms|start_time|end_time|started_ms|ended_ms)$/.test(name) && value > 1e11) return clock(value, 3);
  if (/rate$/.test(name)) return `${value.toFixed(2)} %`;
  if (/(ratio|coverage)$/.test(name)) return percent(value, 2);
  if (/(_ms|_time|time_spent|duration)$/.test(name)) return length(value);
  if (/_bps$/.test(name)) return `${count(value)} bit/s`;
  return count(value);
}

/** @param {HTMLElement} root @param {Summary | null} summary @param {boolean} failed */
export function showSummary(root, summary, failed) {
  if (!summary) {
    fill(root, note(failed ? "warn" : "clock", failed ? "The summary could not be loaded." : "Loading …"));
    return;
  }
  const rows = comparisons(summary);
  const parts = [headline(summary, rows)];
  if (rows.length) parts.push(comparisonTable(rows));
  if (summary.changes?.length) parts.push(changesNote(summary));
  parts.push(numbersTable(summary));
  fill(root, ...parts);
}

/** How far two times or rates may lie apart before a person should look: 2 s or 1 %, whichever is more. */
const CLOSE_MS = 2_000;
const CLOSE_PART = 0.01;

/** @param {readonly Comparison[]} rows */
export function differing(rows) {
  return rows.filter(isWorthALook).length;
}

/** Sent, and further from ours than clocks and rounding explain. Pure. @param {Comparison} row */
export function isWorthALook({ field, client, server, difference, same }) {
  if (same || client === null || client === undefined) return false;
  if (typeof difference !== "number" || typeof server !== "number") return true;
  const apart = Math.abs(difference);
  if (/(start|end)_time$/.test(field)) return apart > CLOSE_MS;
  if (/rate$/.test(field)) return apart > Math.abs(server) * CLOSE_PART;
  if (/(_ms|time_spent|duration)$/.test(field)) return apart > Math.max(CLOSE_MS, Math.abs(server) * CLOSE_PART);
  return true;
}

/** @param {Summary} summary @param {Comparison[]} rows */
function headline(summary, rows) {
  const settled = summary.settled ? `Settled, revision ${summary.revision}. ` : "Running values: the session is not settled yet. ";
  if (!summary.client) {
    return note("clock", "The client has not sent Media Session Summary.", `${settled}Most players send it after Media Session End; everything here is computed from the events.`);
  }
  const count = differing(rows);
  const words = count ? `${count} of ${rows.length} values differ.` : "The client’s summary agrees with the events.";
  return note(count ? "warn" : "check", words, `${settled}Both sides by the same formula, in ms; up to 2 s or 1 % apart counts as agreement. Exports use the computed values and keep the sent ones beside them.`);
}

/** @param {string} shape @param {string} bold @param {string} [words] */
function note(shape, bold, words = "") {
  const made = el("p", { class: "note" });
  made.append(icon(shape, "medium"), el("span", {}, el("b", {}, bold), words ? ` ${words}` : ""));
  return made;
}

/** @param {Comparison[]} rows */
function comparisonTable(rows) {
  const heads = ["Value", "Computed from events", "Sent by client", "Difference", "Why"];
  return el(
    "div", { class: "scroll-x", tabindex: 0, role: "group", "aria-label": "Computed against sent" },
    el(
      "table", { class: "table comparison" },
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", {}, head)))),
      el("tbody", {}, ...rows.map(comparisonRow)),
    ),
  );
}

/** @param {Comparison} row */
function comparisonRow(row) {
  const { field, client, server, cause } = row;
  const isSent = client !== null && client !== undefined;
  return el(
    "tr", { class: isWorthALook(row) ? "differs" : null },
    el("td", { class: "mono" }, field),
    el("td", { class: "strong" }, brief(field, server)),
    el("td", {}, isSent ? brief(field, client) : el("span", { class: "quiet" }, "not sent")),
    el("td", {}, isSent ? differenceMark(row) : ""),
    el("td", {}, cause ?? ""),
  );
}

/** A list by its size, in full on hover. @param {string} field @param {unknown} value */
function brief(field, value) {
  if (!Array.isArray(value)) return valueWords(field, value);
  return el("span", { title: value.join(", ") }, `${value.length} id${value.length === 1 ? "" : "s"}`);
}

/** @param {Comparison} row */
function differenceMark(row) {
  const { field, difference, same } = row;
  const isOff = isWorthALook(row);
  const mark = el("span", { class: isOff ? "mark text-warn" : "mark quiet" });
  const words = typeof difference === "number" && difference !== 0 ? `${difference > 0 ? "+" : "−"}${valueWords(field, Math.abs(difference))}` : "";
  mark.append(icon(isOff ? "warn" : "check", "small"), same ? "same" : words || "differs");
  return mark;
}

/** @param {Summary} summary */
function changesNote({ revision, changes }) {
  const corrected = changes.filter(({ before }) => before !== null);
  const told = corrected.slice(0, MOST_CHANGES_TOLD);
  const words = told.map(({ field, before, after }) => `${field} from ${valueWords(field, before)} to ${valueWords(field, after)}`);
  if (corrected.length > told.length) words.push(`${corrected.length - told.length} more`);
  if (changes.length > corrected.length) words.push(`${changes.length - corrected.length} that were not known before`);
  return note("refresh", `Revision ${revision} changed`, words.join("; "));
}

/** @param {Summary} summary */
function numbersTable(summary) {
  const names = Object.keys(summary).filter((name) => !NOT_NUMBERS.has(name));
  const rows = names.map((name) => {
    const explain = el("button", { type: "button", class: "button small ghost", "data-metric": name, "aria-label": `Explain ${name}` }, "Explain");
    return el("tr", {}, el("td", { class: "mono" }, name), el("td", { class: "strong" }, valueWords(name, summary[name])), el("td", { class: "right" }, explain));
  });
  return el(
    "div", { class: "scroll-x", tabindex: 0, role: "group", "aria-label": "All numbers" },
    el("table", { class: "table numbers" }, el("thead", {}, el("tr", {}, el("th", {}, "Number"), el("th", {}, "Value"), el("th", { class: "right" }, "How it is made"))), el("tbody", {}, ...rows)),
  );
}
