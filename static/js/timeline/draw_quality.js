/** What Update QoS reported: bitrate and frames per second as steps, dropped frames as bars of the difference. */

import { drawNothing } from "./draw_ads.js";
import { BOXES } from "./lanes.js";
import { valueAxis } from "./scale.js";
import { indexesIn, momentOf } from "./spans.js";
import { Columns, haloText, ruleAt, setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./types.js").QosPoint} QosPoint */

const LOW_FPS = 23;
export const MANY_DROPPED = 20;
const BITRATE_LABELS_APART_PX = 30;

/** @param {Scene} scene */
export function drawQuality(scene) {
  const { model, view } = scene;
  const points = model.timeline.qos;
  if (!points.length) {
    drawNothing(scene, BOXES.bitrate, "This player sends no Update QoS");
    return;
  }
  const [first, last] = indexesIn(points, view, momentOf);
  drawBitrate(scene, first, last);
  drawFps(scene, first, last);
  drawDropped(scene, first, last);
}

/** @type {WeakMap<readonly QosPoint[], { bitrate_bps: number, fps: number, dropped_delta: number }>} */
const peaks = new WeakMap();

/** The highest values of the whole session, worked out once for each list. @param {readonly QosPoint[]} points */
function peaksOf(points) {
  const kept = peaks.get(points);
  if (kept) return kept;
  const found = { bitrate_bps: 0, fps: 0, dropped_delta: 0 };
  for (const { bitrate_bps, fps, dropped_delta } of points) {
    found.bitrate_bps = Math.max(found.bitrate_bps, bitrate_bps ?? 0);
    found.fps = Math.max(found.fps, fps ?? 0);
    found.dropped_delta = Math.max(found.dropped_delta, dropped_delta ?? 0);
  }
  peaks.set(points, found);
  return found;
}

/** More reports than every other pixel could show: single values would be noise. @param {Scene} scene @param {number} first @param {number} last */
function isDense({ width }, first, last) {
  return last - first > width / 2;
}

/**
 * A step line through one value of the points, with a faint ground when `ground` is given; a point without the value
 * leaves a gap. With more points than pixels each pixel shows its lowest to its highest value.
 * @param {Scene} scene @param {number} first @param {number} last
 * @param {(point: QosPoint) => number | null} valueOf @param {(value: number) => number} y
 * @param {{ ink: string, stroke: number, ground?: string }} look
 */
function drawSteps(scene, first, last, valueOf, y, look) {
  if (isDense(scene, first, last)) {
    drawColumns(scene, columnsOf(scene, first, last, valueOf), y, look);
    return;
  }
  const { context } = scene;
  const steps = stepsOf(scene, first, last, valueOf);
  if (look.ground) {
    context.fillStyle = look.ground;
    for (const { left, right, at } of steps) context.fillRect(left, y(at), right - left, y(0) - y(at));
  }
  context.fillStyle = look.ink;
  const half = look.stroke / 2;
  for (const { left, right, at, low, high } of steps) {
    context.fillRect(left, y(at) - half, right - left, look.stroke);
    if (high > low) context.fillRect(left - half, y(high) - half, look.stroke, y(low) - y(high) + look.stroke);
  }
}

/**
 * @param {Scene} scene @param {Column[]} columns @param {(value: number) => number} y
 * @param {{ ink: string, stroke: number, ground?: string }} look
 */
function drawColumns({ context }, columns, y, look) {
  const filled = new Columns(context);
  const floor = Math.round(y(0));
  if (look.ground) {
    context.fillStyle = look.ground;
    for (const { left, right, high } of columns) {
      const top = Math.round(y(high));
      filled.add(left, right, top, floor - top);
    }
    filled.end();
  }
  context.fillStyle = look.ink;
  for (const { left, right, low, high } of columns) {
    const top = Math.round(y(high) - 1);
    filled.add(left, right, top, Math.max(2, Math.round(y(low) + 1) - top));
  }
  filled.end();
}

/** @typedef {{ left: number, right: number, at: number, low: number, high: number }} Column */

/**
 * One column for each report, as long as it was the newest; `low` to `high` is the step up or down to it.
 * @param {Scene} scene @param {number} first @param {number} last @param {(point: QosPoint) => number | null} valueOf
 */
function stepsOf({ model, x }, first, last, valueOf) {
  const points = model.timeline.qos;
  /** @type {Column[]} */
  const columns = [];
  /** @type {number | null} */
  let before = null;
  for (let index = first; index <= last; index += 1) {
    const at = valueOf(points[index]);
    if (at !== null) {
      const right = x(points[index + 1]?.at_ms ?? model.end_ms);
      const from = before ?? at;
      columns.push({ left: x(points[index].at_ms), right, at, low: Math.min(from, at), high: Math.max(from, at) });
    }
    before = at;
  }
  return columns;
}

/**
 * One column for each pixel that has a report; neighbours that show the same are one.
 * @param {Scene} scene @param {number} first @param {number} last @param {(point: QosPoint) => number | null} valueOf
 */
function columnsOf({ model, width, x }, first, last, valueOf) {
  const points = model.timeline.qos;
  /** @type {Column[]} */
  const columns = [];
  /** @type {Column | null} */
  let column = null;
  for (let index = first; index <= last; index += 1) {
    const at = valueOf(points[index]);
    if (at === null) continue;
    const left = Math.floor(x(points[index].at_ms));
    if (column && left === column.left) {
      column.at = at;
      column.low = Math.min(column.low, at);
      column.high = Math.max(column.high, at);
      continue;
    }
    /** @type {number} */
    const from = column ? column.at : at;
    if (column) addColumn(columns, column, left);
    column = { left, right: left + 1, at, low: Math.min(from, at), high: Math.max(from, at) };
  }
  if (column) addColumn(columns, column, Math.ceil(Math.min(width, x(points[last + 1]?.at_ms ?? model.end_ms))));
  return columns;
}

/** @param {Column[]} columns @param {Column} column @param {number} right where it ends */
function addColumn(columns, column, right) {
  const before = columns[columns.length - 1];
  const isStep = column.high > column.low && right - column.left > 1;
  column.right = isStep ? column.left + 1 : right;
  if (before && before.right === column.left && before.low === column.low && before.high === column.high) before.right = column.right;
  else columns.push(column);
  if (isStep) columns.push({ left: column.right, right, at: column.at, low: column.at, high: column.at });
}

/** @param {Scene} scene @param {number} first @param {number} last */
function drawBitrate(scene, first, last) {
  const { context, model, width, colors } = scene;
  const { top, height } = BOXES.bitrate;
  const peak = peaksOf(model.timeline.qos).bitrate_bps;
  const axis = valueAxis(Math.max(peak, 1));
  /** @param {number} bps */
  const y = (bps) => top + height - 4 - (bps / axis.top) * (height - 10);
  for (let at = axis.step; at < axis.top; at += axis.step) ruleAt(context, y(at), width, colors.line);
  const look = { ink: colors.series, stroke: 1.6, ground: colors["series-soft"] };
  drawSteps(scene, first, last, ({ bitrate_bps }) => bitrate_bps, y, look);
  setFont(context, 10.5);
  context.textAlign = "left";
  context.fillStyle = colors["ink-3"];
  for (let at = axis.step; at < axis.top; at += axis.step) haloText(context, short(at / 1e6), 4, y(at) + 7);
  if (!isDense(scene, first, last)) drawBitrateChanges(scene, first, last, y);
}

/** @param {number} megabits */
function short(megabits) {
  return megabits >= 1 ? String(Math.round(megabits * 10) / 10) : megabits.toPrecision(1);
}

/** Values at changes, at least 30 px apart. @param {Scene} scene @param {number} first @param {number} last @param {(bps: number) => number} y */
function drawBitrateChanges({ context, model, width, x, colors }, first, last, y) {
  setFont(context, 10.5, 500);
  context.fillStyle = colors.ink;
  let labelled = -Infinity;
  let before = model.timeline.qos[first - 1]?.bitrate_bps ?? null;
  for (let index = first; index <= last; index += 1) {
    const { at_ms, bitrate_bps } = model.timeline.qos[index];
    const isChange = bitrate_bps !== null && bitrate_bps !== before;
    before = bitrate_bps;
    const left = Math.max(2, x(at_ms)) + 4;
    if (!isChange || left - labelled <= BITRATE_LABELS_APART_PX || left < 24 || left > width - 20) continue;
    haloText(context, (bitrate_bps / 1e6).toFixed(1), left, y(bitrate_bps) - 6);
    labelled = left;
  }
}

/** @param {Scene} scene @param {number} first @param {number} last */
function drawFps(scene, first, last) {
  const { context, model, width, x, colors } = scene;
  const { top, height } = BOXES.fps;
  const peak = peaksOf(model.timeline.qos).fps;
  if (!peak) return;
  const ceiling = peak > 40 ? 65 : 30;
  /** @param {number} fps */
  const y = (fps) => top + height - 4 - (Math.min(fps, ceiling) / ceiling) * (height - 8);
  ruleAt(context, y(peak > 40 ? 60 : 25), width, colors.line);
  drawSteps(scene, first, last, ({ fps }) => fps, y, { ink: colors["series-2"], stroke: 1.4 });
  if (isDense(scene, first, last)) return;
  setFont(context, 10.5, 500);
  context.textAlign = "left";
  let labelled = -Infinity;
  for (let index = first; index <= last; index += 1) {
    const { at_ms, fps } = model.timeline.qos[index];
    const isSame = fps === model.timeline.qos[index - 1]?.fps && index > first;
    if (fps === null || fps >= LOW_FPS || isSame || x(at_ms) - labelled <= 22) continue;
    labelled = x(at_ms);
    context.fillStyle = colors.ink;
    const right = x(model.timeline.qos[index + 1]?.at_ms ?? model.end_ms);
    haloText(context, String(Math.round(fps)), right + 3, Math.min(y(fps), top + height - 7));
  }
}

/** @param {Scene} scene @param {number} first @param {number} last */
function drawDropped({ context, model, x, colors }, first, last) {
  const { top, height } = BOXES.dropped;
  const most = Math.max(24, peaksOf(model.timeline.qos).dropped_delta);
  const floor = top + height - 2;
  setFont(context, 10.5, 500);
  context.textAlign = "left";
  let labelled = -Infinity;
  let drawn = -Infinity;
  for (let index = first; index <= last; index += 1) {
    const { at_ms, dropped_delta } = model.timeline.qos[index];
    const left = x(at_ms);
    const isMany = (dropped_delta ?? 0) >= MANY_DROPPED;
    if (!dropped_delta || (!isMany && left - drawn < 3)) continue;
    drawn = left;
    const high = Math.max(2, (dropped_delta / most) * (height - 6));
    context.fillStyle = isMany ? colors.error : colors["series-2"];
    context.fillRect(Math.round(left - 1.5), floor - Math.round(high), 3, Math.round(high));
    if (!isMany || left - labelled <= 26) continue;
    context.fillStyle = colors["error-text"];
    context.fillText(String(dropped_delta), left + 5, floor - high + 5);
    labelled = left;
  }
}
