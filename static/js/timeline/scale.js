/** Where a moment lies on the track, and which part of the session is in view. Pure. */

/** @typedef {import("./types.js").View} View */

export const SHORTEST_VIEW_MS = 2000;

const S = 1000;
const MIN = 60 * S;
const TICK_STEPS_MS = [
  S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S, MIN, 2 * MIN, 5 * MIN, 10 * MIN, 15 * MIN, 30 * MIN, 60 * MIN,
  120 * MIN, 360 * MIN, 720 * MIN, 1440 * MIN, 7 * 1440 * MIN, 30 * 1440 * MIN, 365 * 1440 * MIN,
];
const TICK_APART_PX = 84;

/**
 * The pixel of a moment; may lie outside of the track.
 * @param {number} at_ms @param {View} view @param {number} width
 */
export function xOf(at_ms, view, width) {
  return ((at_ms - view.start_ms) / (view.end_ms - view.start_ms)) * width;
}

/** The moment under a pixel. @param {number} x @param {View} view @param {number} width */
export function momentAt(x, view, width) {
  return view.start_ms + (x / width) * (view.end_ms - view.start_ms);
}

/** @param {View} view */
export function spanOf(view) {
  return view.end_ms - view.start_ms;
}

/**
 * The whole session with air around it; a live one has twice as much air after now.
 * @param {number} start_ms @param {number} end_ms @param {boolean} live @returns {View}
 */
export function wholeView(start_ms, end_ms, live) {
  const air = Math.max(4000, (end_ms - start_ms) * 0.015);
  return { start_ms: start_ms - air, end_ms: end_ms + air * (live ? 2 : 1) };
}

/**
 * The view moved and sized so that it stays within `limits`.
 * @param {View} view @param {View} limits @returns {View}
 */
export function within(view, limits) {
  const size = Math.min(Math.max(spanOf(view), SHORTEST_VIEW_MS), spanOf(limits));
  const middle = (view.start_ms + view.end_ms) / 2;
  const start_ms = Math.min(Math.max(middle - size / 2, limits.start_ms), limits.end_ms - size);
  return { start_ms, end_ms: start_ms + size };
}

/**
 * Zoomed by `factor` (below 1: closer) while the moment `around_ms` stays where it is; never closer than a view may be.
 * @param {View} view @param {number} factor @param {number} around_ms @returns {View}
 */
export function zoomed(view, factor, around_ms) {
  const by = Math.max(factor, Math.min(1, SHORTEST_VIEW_MS / spanOf(view)));
  return {
    start_ms: around_ms - (around_ms - view.start_ms) * by,
    end_ms: around_ms + (view.end_ms - around_ms) * by,
  };
}

/** @param {View} view @param {number} by_ms @returns {View} */
export function moved(view, by_ms) {
  return { start_ms: view.start_ms + by_ms, end_ms: view.end_ms + by_ms };
}

/** The smallest step whose ticks stand at least 84 px apart. @param {View} view @param {number} width */
export function tickStep(view, width) {
  const perMs = width / spanOf(view);
  return TICK_STEPS_MS.find((step) => step * perMs >= TICK_APART_PX) ?? TICK_STEPS_MS[TICK_STEPS_MS.length - 1];
}

/**
 * The moments of the ruler's ticks, on whole steps of a clock so far ahead of UTC.
 * @param {View} view @param {number} width @param {number} [offset_ms]
 */
export function ticks(view, width, offset_ms = 0) {
  const step = tickStep(view, width);
  const moments = [];
  const first = Math.ceil((view.start_ms + offset_ms) / step) * step - offset_ms;
  for (let at = first; at < view.end_ms; at += step) moments.push(at);
  return moments;
}

const VALUE_STEPS = [1, 2, 4, 5];

/**
 * Top and step of a value axis that begins at 0: one or two lines at whole steps, room above the highest value.
 * @param {number} highest
 */
export function valueAxis(highest) {
  const least = Math.max(highest / 2, 1e-9);
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const factor = VALUE_STEPS.findLast((candidate) => candidate * magnitude <= least) ?? 1;
  return { top: highest * 1.2, step: factor * magnitude };
}

const POSITION_STEPS_MS = [5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200].map((seconds) => seconds * S);

/**
 * The scale of the playhead lane: follows what is in view in whole steps, so that a stall shows at any zoom.
 * @param {number} lowest_ms @param {number} highest_ms
 */
export function positionAxis(lowest_ms, highest_ms) {
  const from = lowest_ms < highest_ms * 0.3 ? 0 : lowest_ms;
  const fits = POSITION_STEPS_MS.find((step) => ((highest_ms - from) * 1.04) / step <= 3);
  const step = fits ?? Math.ceil((highest_ms - from) / 3 / 14_400_000) * 14_400_000;
  const bottom = Math.floor(from / step) * step;
  return { bottom, top: Math.max(bottom + 2 * step, Math.ceil((highest_ms * 1.01) / step) * step), step };
}

/**
 * Places for pins that want to stand at `wanted` (ascending) but at least `apart` from each other and inside the track.
 * @param {number[]} wanted @param {number} apart @param {number} width
 */
export function spread(wanted, apart, width) {
  const places = [];
  let last = -Infinity;
  for (const x of wanted) {
    last = Math.max(x, 10, last + apart);
    places.push(last);
  }
  let limit = width - 10;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index], limit);
    limit = places[index] - apart;
  }
  return places;
}
