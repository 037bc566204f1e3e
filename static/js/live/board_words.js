/**
 * What the live board says about a row and a figure. Pure; sessions_app/web/board_words.py says the same on the
 * server, and one table of examples holds both to it.
 */

import { count, elapsed, UNKNOWN } from "../lib/durations.js";
import { platformTitle } from "../lib/platforms.js";

/**
 * ROW of the socket (docs/live.md).
 * @typedef {{id: string, media_session_id: string, mpid_masked: string, content_id: string | null,
 *   content_title: string | null, content_show: string | null, stream_type: string | null,
 *   content_type: string | null, content_duration_ms: number | null, player_name: string, platform: string,
 *   device: string, input: {id: string, name: string}, state: string, state_since_ms: number | null,
 *   playhead_position_ms: number | null, behind_live_ms: number | null,
 *   strip: import("../timeline/bands.js").Piece[], errors: number[],
 *   health: {error_count: number, rebuffer_count: number, rebuffer_ms: number, dropped_frames: number,
 *   late_ms: number}, live: boolean, ended_reason: string | null, started_at_ms: number, last_at_ms: number,
 *   version: number}} Row
 */

/** @typedef {{content_id: string | null, content_title: string | null, content_show: string | null,
 *   stream_type: string | null, viewers: number, viewers_30min: number[], rebuffer_ratio: number | null}} Title */

/** @typedef {{icon: string, words: string, tone: string, title: string}} Mark */

const MARKS_SHOWN = 2;
const BUFFERINGS_FROM = 2;
const DROPPED_OVER = 100;
const LATE_OVER_MS = 10_000;
/** Late data says less of the viewer than an error does, however late it is. */
const LATE_AT_MOST_S = 60;
const ROUGH_REBUFFER_RATIO = 0.01;
/** Beyond this many times a start, per cent are large numbers that say little. */
const TELLING_GROWTH = 3;

/** @type {Record<string, string>} */
export const STATE_TITLES = {
  starting: "Starting",
  playing: "Playing",
  ad: "Ad",
  buffering: "Buffering",
  seeking: "Seeking",
  paused: "Paused",
  no_signal: "No events",
  ended: "Ended",
};

/** Which outline a device's name stands for; a laptop when none fits. @type {[string, string[]][]} */
const DEVICE_ICONS = [
  ["audio", ["speaker", "echo", "sonos"]],
  ["tv", ["roku", "tv", "chromecast", "xbox", "playstation"]],
  ["tablet", ["ipad", "tablet"]],
  ["phone", ["phone", "ios", "android", "pixel", "galaxy", "mobile"]],
];

/** What is wrong with a session, most serious first, at most two. @param {Row["health"]} health @returns {Mark[]} */
export function marks(health) {
  const found = [];
  const { error_count, rebuffer_count, rebuffer_ms, dropped_frames, late_ms } = health;
  if (error_count) {
    found.push({ icon: "error", words: String(error_count), tone: "text-error", title: "Playback errors" });
  }
  if (rebuffer_count >= BUFFERINGS_FROM) {
    const words = `${rebuffer_count}× ${Math.round(rebuffer_ms / 1000)} s`;
    found.push({ icon: "buffer", words, tone: "text-warn", title: "Times and length of buffering" });
  }
  if (dropped_frames > DROPPED_OVER) {
    found.push({ icon: "drop", words: count(dropped_frames), tone: "secondary", title: "Dropped frames" });
  }
  if (late_ms > LATE_OVER_MS) {
    found.push({ icon: "late", words: lateness(late_ms), tone: "text-warn", title: "Events arriving late, up to" });
  }
  return found.slice(0, MARKS_SHOWN);
}

/** 35 s · 12 min · 2 h @param {number} late_ms */
function lateness(late_ms) {
  if (late_ms < 100_000) return `${Math.round(late_ms / 1000)} s`;
  return late_ms < 6_000_000 ? `${Math.round(late_ms / 60_000)} min` : `${Math.round(late_ms / 3_600_000)} h`;
}

/** How much a session needs looking at: the largest first. @param {Row} row */
export function attention({ health, state }) {
  const buffering_s = health.rebuffer_count >= BUFFERINGS_FROM ? health.rebuffer_ms / 1000 : 0;
  const now = state === "buffering" ? 60 : state === "no_signal" ? 30 : 0;
  return health.error_count * 90 + now + buffering_s + health.dropped_frames / 20 + Math.min(health.late_ms / 1000, LATE_AT_MOST_S);
}

/**
 * In the order the reader chose; equal ones newest first.
 * @param {Row[]} rows
 * @param {string} sort attention, newest or title
 */
export function sorted(rows, sort) {
  const newest = [...rows].sort((one, other) => other.started_at_ms - one.started_at_ms);
  if (sort === "title") return newest.sort((one, other) => folded(one).localeCompare(folded(other)));
  if (sort === "newest") return newest;
  return newest.sort((one, other) => attention(other) - attention(one));
}

/** @param {Row} row */
const folded = (row) => (row.content_title ?? "").toLowerCase();

/** @param {string} words */
export function deviceIcon(words) {
  const said = words.toLowerCase();
  return DEVICE_ICONS.find(([, hints]) => hints.some((hint) => said.includes(hint)))?.[0] ?? "laptop";
}

/** A row in words. @param {Row} row */
export function rowWords(row) {
  const platform = platformTitle(row.platform) || row.input.name;
  const [playhead, playhead_under] = playheadWords(row);
  return {
    title: row.content_title ?? "untitled",
    under: row.content_show || row.stream_type || row.content_type || "",
    device_icon: row.content_type === "Audio" ? "audio" : deviceIcon(`${row.device} ${row.platform}`),
    device: row.device || platform,
    player: [platform, row.player_name].filter(Boolean).join(" · "),
    playhead,
    playhead_under,
  };
}

/** Where playback stands: in the content, or behind the live edge. @param {Row} row @returns {[string, string]} */
export function playheadWords(row) {
  if (row.stream_type === "LiveStream") {
    return ["live edge", row.behind_live_ms === null ? "" : `−${Math.round(row.behind_live_ms / 1000)} s`];
  }
  const total = row.content_duration_ms;
  return [elapsed(row.playhead_position_ms), total ? `of ${elapsed(total)}` : ""];
}

/** The second line of a title: its show, or how badly it buffers. @param {Title} title */
export function titleUnder(title) {
  const ratio = title.rebuffer_ratio;
  if (ratio !== null && ratio > ROUGH_REBUFFER_RATIO) return { under: `rebuffer ${hundredths(ratio, 2)} %`, rough: true };
  return { under: title.content_show || title.stream_type || "", rough: false };
}

/**
 * The six figures: value, unit and the line below.
 * @param {Record<string, any>} values
 * @returns {Record<string, {value: string, unit: string, hint: string}>}
 */
export function figureWords(values) {
  const exits = values.exits_before_start;
  const ads = values.ad_completion;
  return {
    viewers_now: { value: count(values.viewers_now), unit: "", hint: change(values.viewers_30min) },
    plays_per_minute: {
      value: count(values.plays_per_minute),
      unit: "",
      hint: `30-min mean ${count(rounded(mean(values.plays_30min)))}`,
    },
    startup: {
      value: seconds(values.startup_p50_ms),
      unit: ` s p50 · ${seconds(values.startup_p95_ms)} s p95`,
      hint: "target p95 under 4 s",
    },
    rebuffer_ratio: { value: hundredths(values.rebuffer_ratio, 2), unit: " %", hint: "seeks left out" },
    exits_before_start: {
      value: hundredths(ratio(exits)),
      unit: " %",
      hint: `${count(exits.n)} of ${count(exits.of)} sessions`,
    },
    ad_completion: { value: hundredths(ratio(ads)), unit: " %", hint: `${count(ads.n)} of ${count(ads.of)} ads` },
  };
}

/** @param {number | null} value */
const rounded = (value) => (value === null ? null : Math.round(value));

/** @param {number | null} ms */
const seconds = (ms) => (ms === null ? UNKNOWN : (ms / 1000).toFixed(1));

/** @param {number | null} value @param {number} [places] */
function hundredths(value, places = 1) {
  return value === null ? UNKNOWN : (value * 100).toFixed(places);
}

/** @param {{n: number, of: number}} part */
function ratio(part) {
  return part.of ? part.n / part.of : null;
}

/** @param {(number | null)[]} series */
function mean(series) {
  const known = series.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/**
 * What a page without its websocket says: what is shown, since when, and what is being done. null: nothing to say.
 * @param {string} connection @param {string} until the time of what is shown @param {number} lost_for_ms
 * @returns {[headline: string, words: string] | null}
 */
export function lostWords(connection, until, lost_for_ms) {
  if (connection === "reconnecting") return ["Reconnecting.", `Showing data up to ${until}. States are as last known.`];
  if (connection === "polling") {
    return ["Asking every two seconds.", "The live connection cannot be had; what is shown may be 2 s old."];
  }
  if (connection !== "off") return null;
  const minutes = Math.max(1, Math.floor(lost_for_ms / 60_000));
  return [`Disconnected for ${minutes} min.`, `The server is not answering. Nothing below has changed since ${until}.`];
}

/** What a paused board holds back. @param {number} sessions @param {number} changes */
export function waitingWords(sessions, changes) {
  if (!changes) return "New sessions and changes wait until you resume.";
  const named = [[sessions, "new session"], [changes, "change"]].filter(([number]) => number);
  const words = named.map(([number, noun]) => `${count(Number(number))} ${noun}${number === 1 ? "" : "s"}`);
  return `${words.join(" and ")} ${words.length === 1 && changes === 1 ? "is" : "are"} waiting.`;
}

/**
 * The filter that lets the fewest through, when none match them all; nothing when it is the only one.
 * @param {{name: string, matched: number} | null | undefined} tightest
 * @param {Record<string, string>} labels
 * @param {number} total how many are live
 */
export function tightestWords(tightest, labels, total) {
  if (!tightest?.matched || tightest.matched === total) return "";
  return `Without ${labels[tightest.name] ?? tightest.name}, ${count(tightest.matched)} would match.`;
}

/**
 * How a series moved from its first known value to its last: in per cent, or from where when those say nothing.
 * @param {(number | null)[]} series
 */
export function change(series) {
  const known = series.filter((value) => value !== null);
  if (known.length < 2 || !known[0]) return "last 30 minutes";
  if (known[known.length - 1] > known[0] * TELLING_GROWTH) return `${count(known[0])} half an hour ago`;
  const moved = (known[known.length - 1] / known[0] - 1) * 100;
  return `${moved < 0 ? "−" : "+"}${Math.abs(moved).toFixed(1)} % in 30 min`;
}
