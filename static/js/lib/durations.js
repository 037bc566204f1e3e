/**
 * How times, lengths and rates are spelt: one place, so that a time looks the same in a lane, a table and an export.
 * Pure but for the zone. The server spells them alike, in UTC, in sessions_app/web/words.py.
 */

import { offsetAt } from "./time_zone.js";

export const UNKNOWN = "–";

/** @type {Record<string, string>} */
export const STATE_WORDS = {
  starting: "starting",
  playing: "playing",
  ad: "ad playing",
  buffering: "buffering",
  seeking: "seeking",
  paused: "paused",
  no_signal: "no events",
  ended: "ended",
};

const THOUSANDS = new Intl.NumberFormat("en-US");

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/**
 * A position in the content or the session: 04:12, 1:04:12; with tenths 04:12.3.
 * @param {number | null | undefined} ms
 * @param {boolean} [tenths]
 */
export function elapsed(ms, tenths = false) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  const size = Math.abs(Math.trunc(ms));
  const seconds = Math.floor(size / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const words = (hours ? `${hours}:` : "") + `${two(minutes)}:${two(seconds % 60)}`;
  return (ms < 0 ? "−" : "") + words + (tenths ? `.${Math.floor((size % 1000) / 100)}` : "");
}

/**
 * How far a seek jumped: +2:30, −0:15.
 * @param {number} ms
 */
export function jump(ms) {
  return (ms < 0 ? "−" : "+") + elapsed(Math.abs(ms)).replace(/^0/, "");
}

/**
 * Wall clock in the zone of the page: 14:06:23, with up to three places of the second.
 * @param {number | null | undefined} at_ms
 * @param {number} [places]
 */
export function clock(at_ms, places = 0) {
  if (at_ms === null || at_ms === undefined) return UNKNOWN;
  const moment = new Date(at_ms + offsetAt(at_ms));
  if (Number.isNaN(moment.getTime())) return UNKNOWN;
  const iso = moment.toISOString();
  const time = iso.slice(iso.indexOf("T") + 1);
  return time.slice(0, places ? 9 + places : 8);
}

/** The day and the clock: 14 Oct 14:06:23. @param {number} at_ms */
export function dayClock(at_ms) {
  return `${day(at_ms, { day: "numeric", month: "short" })} ${clock(at_ms)}`;
}

/** The clock of a moment of today, 14:13:55, else its day as well: 11 Oct 09:12. @param {number} at_ms @param {number} now_ms */
export function moment(at_ms, now_ms) {
  /** @type {Intl.DateTimeFormatOptions} */
  const whole = { day: "numeric", month: "short", year: "numeric" };
  if (day(at_ms, whole) === day(now_ms, whole)) return clock(at_ms);
  return `${day(at_ms, { day: "numeric", month: "short" })} ${clock(at_ms).slice(0, 5)}`;
}

/** A date in the zone of the page. @param {number} at_ms @param {Intl.DateTimeFormatOptions} format */
export function day(at_ms, format) {
  return new Date(at_ms + offsetAt(at_ms)).toLocaleDateString("en-GB", { ...format, timeZone: "UTC" });
}

/**
 * A length of time: 340 ms, 7.9 s, 1 min 12 s, 2 h 05 min, 3 d 04 h.
 * @param {number | null | undefined} ms
 */
export function length(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const hours = Math.floor(seconds / 3600);
  return hours < 48 ? `${hours} h ${two(Math.floor((seconds % 3600) / 60))} min` : `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

/** @param {number | null | undefined} bps */
export function megabits(bps) {
  return bps === null || bps === undefined ? UNKNOWN : `${(bps / 1e6).toFixed(1)} Mbps`;
}

/**
 * @param {number | null | undefined} ratio 0 to 1
 * @param {number} [places]
 */
export function percent(ratio, places = 0) {
  return ratio === null || ratio === undefined ? UNKNOWN : `${(ratio * 100).toFixed(places)} %`;
}

/** @param {number | null | undefined} value */
export function count(value) {
  return value === null || value === undefined ? UNKNOWN : THOUSANDS.format(value);
}

/** @param {string} state */
export function stateWord(state) {
  return STATE_WORDS[state] ?? state;
}
