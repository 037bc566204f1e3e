/**
 * Spans and points as the lanes need them: found by bisection, collapsed to pixels, patched from a frame. Pure; the
 * server derives the spans, nothing here derives a state.
 */

import { moreSerious } from "./bands.js";
import { xOf } from "./scale.js";

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").Band} Band */
/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").TimelineJson} TimelineJson */
/** @typedef {import("./types.js").PlayheadPoint} PlayheadPoint */

// Narrower bands have no soft edges: they would all be edge.
const NARROW_PX = 2;

/**
 * Index of the last item that begins at or before the moment; -1 when all begin later.
 * @template Item
 * @param {readonly Item[]} items ascending by `beginOf`
 * @param {number} at_ms
 * @param {(item: Item) => number} beginOf
 */
export function indexAt(items, at_ms, beginOf) {
  let low = 0;
  let high = items.length - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (beginOf(items[middle]) <= at_ms) {
      found = middle;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}

/** @param {Span} span */
export const startOf = (span) => span.start_ms;
/** @param {{ at_ms: number }} point */
export const momentOf = (point) => point.at_ms;
/** @param {PlayheadPoint} point */
export const pointAt = (point) => point[0];

/**
 * First and last index of the items that touch the view, with one neighbour on either side.
 * @template Item
 * @param {readonly Item[]} items @param {View} view @param {(item: Item) => number} beginOf
 * @returns {[number, number]}
 */
export function indexesIn(items, view, beginOf) {
  const first = Math.max(0, indexAt(items, view.start_ms, beginOf) - 1);
  const last = Math.min(items.length - 1, indexAt(items, view.end_ms, beginOf) + 1);
  return [first, last];
}

/**
 * The span that holds the moment; an open one holds everything from its start to `end_ms`.
 * @template {Span} Item
 * @param {readonly Item[]} spans @param {number} at_ms @param {number} end_ms
 * @returns {Item | null}
 */
export function spanAt(spans, at_ms, end_ms) {
  const span = spans[indexAt(spans, at_ms, startOf)];
  return span && at_ms <= (span.end_ms ?? end_ms) ? span : null;
}

/**
 * Where a band is painted, perhaps beyond the track; `isPixels`: whole pixels of it and of others narrower than they.
 * @typedef {{ state: Band["state"], inferred: boolean, x0: number, x1: number, isPixels: boolean, band: Band }} PlacedBand
 */

/**
 * The bands in view. Narrow ones stand on whole pixels; a pixel that several begin in shows the most serious of them.
 * @param {readonly Band[]} bands @param {View} view @param {number} width @param {number} end_ms
 * @returns {PlacedBand[]}
 */
export function collapsed(bands, view, width, end_ms) {
  /** @type {PlacedBand[]} */
  const shown = [];
  const [first, last] = indexesIn(bands, view, startOf);
  for (let index = first; index <= last; index += 1) {
    const band = bands[index];
    const x0 = xOf(band.start_ms, view, width);
    const x1 = xOf(band.end_ms ?? end_ms, view, width);
    if (x1 - x0 < NARROW_PX) addNarrow(shown, band, Math.floor(x0), Math.floor(x1));
    else shown.push({ state: band.state, inferred: band.inferred, x0, x1, isPixels: false, band });
  }
  return shown;
}

/** @param {PlacedBand[]} shown @param {Band} band @param {number} left its first pixel @param {number} right the one after its last */
function addNarrow(shown, band, left, right) {
  const before = shown[shown.length - 1];
  if (before?.x1 !== left + 1) {
    addPixels(shown, band, left, Math.max(left + 1, right));
    return;
  }
  if (moreSerious(before.state, band.state) !== before.state) {
    before.x1 = left;
    if (before.x0 === left) shown.pop();
    addPixels(shown, band, left, left + 1);
  }
  if (right > left + 1) addPixels(shown, band, left + 1, right);
}

/** Neighbours that look the same are painted as one. @param {PlacedBand[]} shown @param {Band} band @param {number} x0 @param {number} x1 */
function addPixels(shown, band, x0, x1) {
  const { state, inferred } = band;
  const before = shown[shown.length - 1];
  if (before?.isPixels && before.x1 === x0 && before.state === state && before.inferred === inferred) before.x1 = x1;
  else shown.push({ state, inferred, x0, x1, isPixels: true, band });
}

const SPAN_LANES = /** @type {const} */ (["playback", "ad_break", "ad", "segment", "seek", "late", "gaps"]);
const POINT_LANES = /** @type {const} */ (["qos", "errors", "custom"]);

/**
 * The timeline after a frame: lanes are replaced from `from_ms` on, all of them when it is null.
 * @param {TimelineJson} timeline @param {TimelineJson | null} patch @returns {TimelineJson}
 */
export function patched(timeline, patch) {
  if (!patch) return timeline;
  if (patch.from_ms === null) return patch;
  const from_ms = patch.from_ms;
  /** @type {Record<string, unknown>} */
  const merged = { ...patch, from_ms: null };
  for (const lane of SPAN_LANES) {
    merged[lane] = joined(/** @type {Span[]} */ (timeline[lane]), patch[lane], (span) => endsBefore(span, from_ms));
  }
  for (const lane of POINT_LANES) {
    merged[lane] = joined(
      /** @type {{ at_ms: number }[]} */ (timeline[lane]), patch[lane], (point) => point.at_ms < from_ms,
    );
  }
  merged.playhead = joined(timeline.playhead, patch.playhead, (point) => point[0] < from_ms);
  return /** @type {TimelineJson} */ (merged);
}

/** @param {Span} span @param {number} from_ms */
function endsBefore(span, from_ms) {
  return span.end_ms !== null && span.end_ms < from_ms;
}

/**
 * @template Item
 * @param {readonly Item[]} old @param {readonly Item[]} fresh @param {(item: Item) => boolean} stays
 */
function joined(old, fresh, stays) {
  return [...old.filter(stays), ...fresh];
}

/**
 * Where the playhead is: the last report, moved on by what was played since, never beyond the next report.
 * @param {TimelineJson} timeline @param {number} at_ms @param {number} end_ms
 * @returns {number | null}
 */
export function playheadAt(timeline, at_ms, end_ms) {
  const index = indexAt(timeline.playhead, at_ms, pointAt);
  if (index < 0) return null;
  const [reported_at, position] = timeline.playhead[index];
  const next = timeline.playhead[index + 1];
  const moved_ms = playedBetween(timeline.playback, reported_at, at_ms, end_ms);
  const most = next && next[2] !== "j" && next[1] >= position ? next[1] - position : Infinity;
  return position + Math.min(moved_ms, most);
}

/**
 * How much of the time between two moments was playing.
 * @param {readonly Band[]} bands @param {number} from_ms @param {number} to_ms @param {number} end_ms
 */
export function playedBetween(bands, from_ms, to_ms, end_ms) {
  let played = 0;
  for (let index = Math.max(0, indexAt(bands, from_ms, startOf)); index < bands.length; index += 1) {
    const { state, start_ms, end_ms: closed_ms } = bands[index];
    if (start_ms >= to_ms) break;
    if (state !== "playing") continue;
    played += Math.max(0, Math.min(to_ms, closed_ms ?? end_ms) - Math.max(from_ms, start_ms));
  }
  return played;
}

/** @type {WeakMap<readonly PlayheadPoint[], PlayheadPoint[]>} */
const distances = new WeakMap();

/**
 * A live stream's playhead as distance behind the live edge: 0 is the closest to the edge this session has been.
 * Kept per list, because a crosshair asks again and again.
 * @param {readonly PlayheadPoint[]} playhead @returns {PlayheadPoint[]}
 */
export function behindLive(playhead) {
  const kept = distances.get(playhead);
  if (kept) return kept;
  const edge = playhead.reduce((least, [at_ms, position]) => Math.min(least, at_ms - position), Infinity);
  /** @type {PlayheadPoint[]} */
  const behind = playhead.map(([at_ms, position, kind]) => [at_ms, at_ms - position - edge, kind]);
  distances.set(playhead, behind);
  return behind;
}
