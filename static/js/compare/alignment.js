/**
 * What of one session lies under what of the other. Pure. Both stand on one axis, A's own clock; `shift_ms` is what is
 * added to a moment of A to get the moment of B beneath it.
 */

import { wholeView } from "../timeline/scale.js";
import { playheadAt } from "../timeline/spans.js";

/** @typedef {"clock" | "first_frame" | "playhead"} Alignment */
/** @typedef {import("../timeline/types.js").TimelineJson} TimelineJson */
/** @typedef {import("../timeline/types.js").View} View */
/** @typedef {{ timeline: TimelineJson, start_ms: number, end_ms: number, live: boolean }} Played */

/** When the first picture of the content was there; the start of the session when there never was one. @param {Played} played */
export function firstFrame({ timeline, start_ms }) {
  return timeline.playback.find(({ state }) => state === "playing")?.start_ms ?? start_ms;
}

/**
 * The first moment the playhead stood at this position, reports joined by what was played between them; null when
 * it never did.
 * @param {Played} played @param {number} position_ms
 */
export function momentOfPosition({ timeline, end_ms }, position_ms) {
  const { playhead } = timeline;
  for (let index = 0; index < playhead.length; index += 1) {
    const [at_ms, from_ms] = playhead[index];
    const next = playhead[index + 1];
    if (position_ms === from_ms) return at_ms;
    if (position_ms < from_ms) continue;
    const until_ms = next?.[0] ?? end_ms;
    const reached_ms = /** @type {number} */ (playheadAt(timeline, until_ms - 1, end_ms));
    if (position_ms <= reached_ms) return afterPlaying(timeline, at_ms, position_ms - from_ms, end_ms);
    // The next report is a little further than what was played: clocks and reports never agree to the millisecond.
    if (next && next[2] !== "j" && position_ms < next[1]) return next[0];
  }
  return null;
}

/**
 * The moment so much had been played, counted from another.
 * @param {TimelineJson} timeline @param {number} from_ms @param {number} played_ms @param {number} end_ms
 */
function afterPlaying(timeline, from_ms, played_ms, end_ms) {
  let left_ms = played_ms;
  for (const { state, start_ms, end_ms: closed_ms } of timeline.playback) {
    const begin_ms = Math.max(from_ms, start_ms);
    const room_ms = (closed_ms ?? end_ms) - begin_ms;
    if (state !== "playing" || room_ms <= 0) continue;
    if (left_ms <= room_ms) return begin_ms + left_ms;
    left_ms -= room_ms;
  }
  return end_ms;
}

/** Where the playhead stood. @param {Played} played @param {number} at_ms */
export function positionAt({ timeline, end_ms }, at_ms) {
  return playheadAt(timeline, Math.min(at_ms, end_ms), end_ms);
}

/**
 * The moment of `other` that belongs to a moment of `one`; null when there is none.
 * @param {Alignment} alignment @param {Played} one @param {Played} other @param {number} at_ms
 */
export function counterpart(alignment, one, other, at_ms) {
  if (alignment === "clock") return at_ms;
  if (alignment === "first_frame") return at_ms + firstFrame(other) - firstFrame(one);
  const position_ms = positionAt(one, at_ms);
  return position_ms === null ? null : momentOfPosition(other, position_ms);
}

/**
 * What is added to A's moments around `at_ms`. Playheads move at different speeds, so theirs holds around one moment
 * only; where B never stood at A's position the shift stays what it was.
 * @param {Alignment} alignment @param {Played} a @param {Played} b @param {number} at_ms @param {number} before_ms
 */
export function shiftAt(alignment, a, b, at_ms, before_ms) {
  const within_ms = Math.min(Math.max(at_ms, a.start_ms), a.end_ms);
  const other_ms = counterpart(alignment, a, b, within_ms);
  return other_ms === null ? before_ms : other_ms - within_ms;
}

/**
 * The shift to begin with. Playheads: at the first place in the content both stood at; where there is none, as if by
 * first frame.
 * @param {Alignment} alignment @param {Played} a @param {Played} b
 */
export function firstShift(alignment, a, b) {
  const byFrame_ms = firstFrame(b) - firstFrame(a);
  if (alignment !== "playhead") return alignment === "clock" ? 0 : byFrame_ms;
  const [first, other] = [a.timeline.playhead[0], b.timeline.playhead[0]];
  if (!first || !other) return byFrame_ms;
  const at_ms = momentOfPosition(a, Math.max(first[1], other[1]));
  return at_ms === null ? byFrame_ms : shiftAt(alignment, a, b, at_ms, byFrame_ms);
}

/** Everything of both, on A's axis. @param {Played} a @param {Played} b @param {number} shift_ms @returns {View} */
export function wholeOfBoth(a, b, shift_ms) {
  const start_ms = Math.min(a.start_ms, b.start_ms - shift_ms);
  const end_ms = Math.max(a.end_ms, b.end_ms - shift_ms);
  return wholeView(start_ms, end_ms, a.live || b.live);
}


/**
 * How far B's playhead is from A's at two moments that belong together; null where one is not known.
 * @param {Played} a @param {number} a_ms @param {Played} b @param {number} b_ms
 */
export function ahead(a, a_ms, b, b_ms) {
  const [one, other] = [positionAt(a, a_ms), positionAt(b, b_ms)];
  return one === null || other === null ? null : other - one;
}

