/** The eight figures under a session's title. Pure words; web/session_words.py says the same for the first drawing. */

import { setText } from "../lib/dom.js";
import { UNKNOWN, clock, count, elapsed, length, megabits, percent } from "../lib/durations.js";
import { platformTitle } from "../lib/platforms.js";

/** @typedef {import("../live/session_feed.js").SessionJson} SessionJson */
/** @typedef {import("../timeline/types.js").TimelineJson} TimelineJson */
/** @typedef {{ label?: string, value: string, unit?: string, hint: string }} Words */
/** @typedef {{ platform: string | null, sessions: number, p50_ms: number, p75_ms: number, p95_ms: number }} Startups of comparable sessions */

const MANY_DROPPED = 20;

/**
 * @param {SessionJson} session @param {TimelineJson} timeline @param {number} now_ms
 * @param {Startups | null} [usual] how sessions on its platform start
 * @returns {Record<string, Words>}
 */
export function figureWords(session, timeline, now_ms, usual = null) {
  const { numbers } = session;
  const whole_ms = Math.max(1, (session.live ? now_ms : session.last_at_ms) - session.started_at_ms);
  return {
    running: runningWords(session, now_ms),
    content_time_ms: { value: length(numbers.content_time_ms), hint: shareWords(numbers.content_time_ms, whole_ms) },
    ad_time_ms: { value: length(numbers.ad_time_ms), hint: adWords(numbers) },
    startup_time_ms: startupWords(numbers, usual),
    rebuffer_ms: {
      value: String(numbers.rebuffer_count ?? UNKNOWN),
      unit: `× · ${length(numbers.rebuffer_ms)}`,
      hint: `rebuffer ratio ${percent(numbers.rebuffer_ratio, 2)}`,
    },
    average_bitrate_bps: { value: megabits(numbers.average_bitrate_bps), hint: `peak ${megabits(numbers.peak_bitrate_bps)}` },
    dropped_frames: { value: count(numbers.dropped_frames), hint: droppedWords(timeline, numbers.dropped_frames) },
    event_count: { value: count(session.event_count), hint: `${count(session.late_event_count)} late · ${count(session.quarantined_count)} quarantined` },
  };
}

/** @param {SessionJson} session @param {number} now_ms @returns {Words} */
function runningWords(session, now_ms) {
  if (!session.live) {
    return { label: "Session length", value: length(session.last_at_ms - session.started_at_ms), hint: `ended ${clock(session.last_at_ms)}` };
  }
  const silent_ms = Math.max(0, now_ms - session.last_at_ms);
  return { label: "Running for", value: length(Math.max(0, now_ms - session.started_at_ms)), hint: `last event ${length(silent_ms)} ago` };
}

/** @param {number | null} part @param {number} whole */
function shareWords(part, whole) {
  return part === null || part === undefined ? UNKNOWN : `${percent(Math.min(1, part / whole))} of the session`;
}

/** @param {Record<string, any>} numbers */
function adWords({ ad_count, ad_completed_count }) {
  return ad_count ? `${ad_completed_count} of ${ad_count} ads completed` : "no ads";
}

/** @param {Record<string, any>} numbers @param {Startups | null} usual @returns {Words} */
function startupWords({ startup_time_ms, startup_source }, usual) {
  if (startup_time_ms === null || startup_time_ms === undefined) return { value: UNKNOWN, hint: "not measured" };
  if (usual) return { value: length(startup_time_ms), hint: `${platformTitle(usual.platform ?? "All")}: ${percentileWords(usual)}` };
  const source = { client: "sent by the client", derived: "from the events" }[/** @type {string} */ (startup_source)];
  return { value: length(startup_time_ms), hint: source ?? "to the first playback" };
}

/** What a startup time is set against, a sentence each. @param {{ platform: Startups | null, title: Startups | null }} usual */
export function startupsBeside({ platform, title }) {
  /** @type {[string, Startups | null][]} */
  const known = [[`${platformTitle(platform?.platform ?? "All")} sessions`, platform], ["This title", title]];
  return known.flatMap(([whose, usual]) => (usual ? [`${whose} in the 7 days up to this one: ${percentileWords(usual)}, ${count(usual.sessions)} started.`] : []));
}

/** p50 1.1 · p95 3.4 s @param {Startups} usual */
function percentileWords({ p50_ms, p95_ms }) {
  return `p50 ${(p50_ms / 1000).toFixed(1)} · p95 ${(p95_ms / 1000).toFixed(1)} s`;
}

/** @param {TimelineJson} timeline @param {number | null} total */
function droppedWords({ qos, session_started_ms }, total) {
  if (total === null || total === undefined) return "not reported";
  const worst = qos.reduce((most, point) => ((point.dropped_delta ?? 0) > (most?.dropped_delta ?? 0) ? point : most), qos[0]);
  if (!worst || !total || (worst.dropped_delta ?? 0) < MANY_DROPPED) return total ? "no burst" : "none";
  return `${percent((worst.dropped_delta ?? 0) / total)} of them at ${elapsed(worst.at_ms - session_started_ms)}`;
}

/** Puts the words into the page where they differ. @param {HTMLElement} root @param {Record<string, Words>} figures */
export function showFigures(root, figures) {
  for (const [name, words] of Object.entries(figures)) {
    const figure = root.querySelector(`[data-figure="${name}"]`);
    if (!figure) continue;
    if (words.label) setText(figure.querySelector(".figure-label"), words.label);
    setText(figure.querySelector(".figure-value"), words.value);
    setText(figure.querySelector(".figure-unit"), words.unit ?? "");
    setText(figure.querySelector(".hint"), words.hint);
  }
}
