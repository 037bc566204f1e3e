/** What is said about one event: its detail in the list, its attributes in groups, a value in readable words. Pure. */

import { clock, elapsed, length, megabits } from "../lib/durations.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */

/** Kinds in the order of the chips. @type {readonly [string, string][]} */
export const KINDS = [
  ["play", "Play"], ["pause", "Pause"], ["buffer", "Buffer"], ["seek", "Seek"], ["ad", "Ads"],
  ["segment", "Segment"], ["qos", "QoS"], ["playhead", "Playhead"], ["session", "Session"],
  ["summary", "Summary"], ["custom", "Custom"], ["error", "Error"],
];

const GROUPS = /** @type {const} */ ([
  ["Ad", /^(ad_|media_ad|media_total_ad|media_session_ad)/],
  ["Segment", /^(segment_|media_segment|media_session_segment)/],
  ["Content and player", /^(content_|stream_|player_)/],
  ["Identity of the session", /^media_session_id$/],
]);

/** @param {unknown} value */
function asNumber(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A value as text: objects as JSON, nothing invented. @param {unknown} value */
export function shown(value) {
  if (value === null || value === undefined) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * A number in readable words beside the number itself; empty when it needs none.
 * @param {string} name @param {unknown} value
 */
export function hint(name, value) {
  const number = asNumber(value);
  if (number === null) return "";
  if (/_position$/.test(name) && name !== "ad_content_position") return elapsed(number, true);
  if (/(^|_)bitrate$/.test(name)) return megabits(number);
  if (/_(start|end)_time$|timestamp/.test(name) && number > 1e11) return clock(number, 3);
  if (/^(content|segment)_duration$/.test(name)) return elapsed(number);
  if (/(duration|_time|time_spent)$/.test(name)) return length(number);
  return "";
}

/**
 * Attributes in the inspector's groups, empty groups left out.
 * @param {Record<string, unknown>} attributes
 * @returns {[string, string[]][]}
 */
export function groups(attributes) {
  const names = Object.keys(attributes);
  /** @type {Map<string, string[]>} */
  const found = new Map([["This event", []], ...GROUPS.map(([title]) => /** @type {[string, string[]]} */ ([title, []]))]);
  for (const name of names) {
    const group = GROUPS.find(([, pattern]) => pattern.test(name));
    found.get(group ? group[0] : "This event")?.push(name);
  }
  return [...found].filter(([, members]) => members.length);
}

// On every event, so that they say nothing about a custom one.
const COMMON = /^(media_|content_|stream_|segment_|ad_|playhead|player_)/;

/** One line about the event for the list. @param {EventJson} event */
export function detail({ name, kind, attributes }) {
  const parts = [];
  if (kind === "qos") parts.push(qualityWords(attributes));
  if (asNumber(attributes.buffer_duration) !== null) parts.push(length(asNumber(attributes.buffer_duration)));
  if (kind === "seek" && asNumber(attributes.seek_position) !== null) {
    parts.push(`${name === "Seek Start" ? "from" : "to"} ${elapsed(asNumber(attributes.seek_position), true)}`);
  }
  if (name.startsWith("Ad Break")) parts.push(breakWords(attributes));
  else if (kind === "ad" || name === "Ad Session Summary") parts.push(text(attributes.ad_content_title ?? attributes.ad_content_id));
  if (kind === "segment") parts.push(text(attributes.segment_title));
  if (attributes.Source) parts.push(text(attributes.Source));
  if (kind === "error" || kind === "custom") parts.push(customWords(attributes));
  return parts.filter(Boolean).join(" · ");
}

/** @param {unknown} value */
function text(value) {
  return value === null || value === undefined ? "" : shown(value);
}

/** @param {Record<string, unknown>} attributes */
function qualityWords({ qos_bitrate, qos_fps, qos_dropped_frames, qos_startup_time }) {
  const parts = [];
  if (asNumber(qos_bitrate) !== null) parts.push(megabits(asNumber(qos_bitrate)));
  if (asNumber(qos_fps) !== null) parts.push(`${qos_fps} fps`);
  if (asNumber(qos_dropped_frames) !== null) parts.push(`${qos_dropped_frames} dropped`);
  if (asNumber(qos_startup_time)) parts.push(`startup ${length(asNumber(qos_startup_time))}`);
  return parts.join(" · ");
}

/** @param {Record<string, unknown>} attributes */
function breakWords({ ad_break_title, ad_break_duration }) {
  const lasts = asNumber(ad_break_duration);
  return [text(ad_break_title), lasts === null ? "" : length(lasts)].filter(Boolean).join(", ");
}

/** @param {Record<string, unknown>} attributes */
function customWords(attributes) {
  const own = Object.entries(attributes).filter(([name]) => !COMMON.test(name) && name !== "Source");
  return own.map(([name, value]) => `${name}=${shown(value)}`).join(" · ");
}
