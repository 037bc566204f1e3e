/**
 * The shapes a session page is told in: one for the socket, the REST API and the JSON inside the page. docs/live.md
 * shows them in full. Times are epoch ms on the corrected device clock unless a name says `received`.
 *
 * @typedef {"starting" | "playing" | "ad" | "buffering" | "seeking" | "paused" | "no_signal" | "ended"} PlaybackState
 * @typedef {{ start_ms: number, end_ms: number | null }} Span
 * @typedef {Span & { state: PlaybackState, inferred: boolean, under: PlaybackState | null }} Band
 * @typedef {Span & { ad_break_id: string | null, ad_break_title: string | null, ad_break_duration_ms: number | null,
 *   inferred: boolean }} AdBreak
 * @typedef {Span & { number: number, ad_content_id: string | null, ad_content_title: string | null,
 *   ad_content_advertiser: string | null, ad_content_campaign: string | null, ad_content_duration_ms: number | null,
 *   ad_break_id: string | null, result: "completed" | "skipped" | "open" | "ended_early", clicks: number[],
 *   inferred: boolean }} Ad
 * @typedef {Span & { number: number, segment_index: number | null, segment_title: string | null,
 *   segment_duration_ms: number | null, result: string }} Segment
 * @typedef {Span & { from_ms: number | null, to_ms: number | null }} Seek
 * @typedef {[at_ms: number, position_ms: number, kind: string]} PlayheadPoint
 * @typedef {{ at_ms: number, bitrate_bps: number | null, fps: number | null, dropped_frames: number | null,
 *   dropped_delta: number | null, startup_time_ms: number | null }} QosPoint
 * @typedef {{ at_ms: number, name: string, message?: string | null, seq: number }} Mark
 * @typedef {{ start_ms: number, end_ms: number, count: number, max_delay_ms: number }} LateGroup
 * @typedef {{ session_started_ms: number, last_at_ms: number, ended_at_ms: number | null, state: PlaybackState,
 *   live: boolean, ended_reason: string | null, as_of_ms: number, from_ms: number | null, playback: Band[],
 *   ad_break: AdBreak[], ad: Ad[], segment: Segment[], seek: Seek[], playhead: PlayheadPoint[], qos: QosPoint[],
 *   errors: Mark[], custom: Mark[], late: LateGroup[], gaps: Span[] }} TimelineJson
 * @typedef {{ seq: number, event_key: string, name: string, kind: string, at_ms: number, received_at_ms: number,
 *   delay_ms: number, playhead_position_ms: number | null, attributes: Record<string, unknown>, is_custom: boolean,
 *   is_error: boolean, is_late: boolean }} EventJson
 * @typedef {{ kind: string, at_ms: number | null, text: string, event_key?: string | null, severity?: string }} Finding
 * @typedef {{ start_ms: number, end_ms: number }} View
 */

export {};
