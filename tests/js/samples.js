/** A small invented session in the shapes pages are told in: two minutes, one stall, one ad, one seek, one late group. */

/** @typedef {import("../../static/js/timeline/types.js").TimelineJson} TimelineJson */
/** @typedef {import("../../static/js/timeline/types.js").EventJson} EventJson */

export const T0 = Date.UTC(2026, 9, 14, 14, 2, 11, 204);
const S = 1000;

/** @param {string} state @param {number} start @param {number | null} end seconds @returns {any} */
export function band(state, start, end) {
  return { state, start_ms: T0 + start * S, end_ms: end === null ? null : T0 + end * S, inferred: false, under: null };
}

/** @param {Partial<TimelineJson>} [other] @returns {TimelineJson} */
export function timeline(other = {}) {
  return {
    session_started_ms: T0,
    last_at_ms: T0 + 110 * S,
    ended_at_ms: null,
    state: "playing",
    live: true,
    ended_reason: null,
    as_of_ms: T0 + 120 * S,
    from_ms: null,
    playback: [band("starting", 0, 2), band("playing", 2, 40), band("buffering", 40, 48), band("ad", 48, 63), band("playing", 63, null)],
    ad_break: [{ ad_break_id: "b1", ad_break_title: "Mid-roll", ad_break_duration_ms: 15_000, start_ms: T0 + 48 * S, end_ms: T0 + 63 * S, inferred: false }],
    ad: [],
    segment: [],
    seek: [{ start_ms: T0 + 100 * S, end_ms: T0 + 101 * S, from_ms: 75_000, to_ms: 225_000 }],
    playhead: [[T0 + 2 * S, 0, "r"], [T0 + 40 * S, 38_000, "r"], [T0 + 63 * S, 38_000, "r"], [T0 + 101 * S, 225_000, "j"]],
    qos: [{ at_ms: T0 + 3 * S, bitrate_bps: 3_200_000, fps: 25, dropped_frames: 0, dropped_delta: 0, startup_time_ms: 1800 }],
    errors: [],
    custom: [],
    late: [],
    gaps: [],
    ...other,
  };
}

/** @param {number} seq @param {number} seconds @param {Partial<EventJson>} [other] @returns {EventJson} */
export function event(seq, seconds, other = {}) {
  const at_ms = T0 + seconds * S;
  return {
    seq, at_ms, event_key: String(seq).padStart(32, "0"), name: "Update QoS", kind: "qos", received_at_ms: at_ms + 400,
    delay_ms: 400, playhead_position_ms: seconds * S, attributes: {}, is_custom: false, is_error: false, is_late: false,
    ...other,
  };
}

/** @param {number} version @param {number} last_seq @returns {any} */
export function session(version, last_seq) {
  return {
    id: "12", version, last_seq, live: true, state: "playing", started_at_ms: T0, last_at_ms: T0 + 110 * S,
    event_count: last_seq, late_event_count: 0, quarantined_count: 0,
    numbers: { content_time_ms: 85_000, ad_time_ms: 15_000, ad_count: 1, ad_completed_count: 1, startup_time_ms: 1800,
      rebuffer_count: 1, rebuffer_ms: 8000, rebuffer_ratio: 0.086, average_bitrate_bps: 3_200_000, peak_bitrate_bps: 8_000_000,
      dropped_frames: 0 },
  };
}
