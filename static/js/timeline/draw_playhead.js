/** The playhead lane: position in the content against the wall clock; for a live stream, distance behind its edge. */

import { elapsed, jump } from "../lib/durations.js";
import { drawNothing } from "./draw_ads.js";
import { BOXES } from "./lanes.js";
import { positionAxis } from "./scale.js";
import { behindLive, indexAt, indexesIn, pointAt } from "./spans.js";
import { Columns, haloText, ruleAt, setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./types.js").PlayheadPoint} PlayheadPoint */
/** @typedef {{ y: (position_ms: number) => number, bottom: number, top: number, step: number }} Axis */

const BOX = BOXES.playhead;
const JUMP_LABELS_APART_PX = 34;
const LEAST_JUMP_MS = 1000;
const JUMPS_APART_PX = 4;
// With less room for each, dots and dashes would run into each other.
const DENSE_JUMP_PX = 16;
// A shorter jump is only the dot where it ended.
const DOT_PX = 3;

/**
 * Draws the lane and returns its axis, which the crosshair's dot needs; null when there is no position at all.
 * @param {Scene} scene @returns {Axis | null}
 */
export function drawPlayhead(scene) {
  const { model, view, isLiveStream } = scene;
  const points = isLiveStream ? behindLive(model.timeline.playhead) : model.timeline.playhead;
  if (!points.length) {
    drawNothing(scene, BOX, "No event of this session carries a playhead_position");
    return null;
  }
  const [first, last] = indexesIn(points, view, pointAt);
  const axis = axisOf(points, first, last, isLiveStream ? null : estimateOf(scene));
  drawGrid(scene, axis);
  const quarters = isLiveStream ? [] : quartersOf(scene, axis);
  for (const { y } of quarters) ruleAt(scene.context, y, scene.width, scene.colors["line-2"], [2, 3]);
  drawLine(scene, points, first, last, axis);
  nameQuarters(scene, quarters, points[first][1]);
  drawAxisLabels(scene, axis);
  if (!isLiveStream) {
    const { context } = scene;
    context.save();
    context.beginPath();
    context.rect(0, BOX.top, scene.width, BOX.height);
    context.clip();
    drawEstimate(scene, points[points.length - 1], axis);
    drawSeeks(scene, axis);
    context.restore();
  }
  return axis;
}

/**
 * @param {readonly PlayheadPoint[]} points @param {number} first @param {number} last
 * @param {number | null} estimate where the playhead is thought to be now, when that is in view
 * @returns {Axis}
 */
function axisOf(points, first, last, estimate) {
  let lowest = Infinity;
  let highest = estimate ?? 0;
  for (let index = first; index <= last; index += 1) {
    lowest = Math.min(lowest, points[index][1]);
    highest = Math.max(highest, points[index][1]);
  }
  const { bottom, top, step } = positionAxis(lowest, highest);
  const floor = BOX.top + BOX.height - 5;
  return { bottom, top, step, y: (position) => floor - ((position - bottom) / (top - bottom)) * (BOX.height - 14) };
}

/** @param {Scene} scene @param {Axis} axis */
function drawGrid({ context, width, colors }, axis) {
  for (let at = axis.bottom + axis.step; at <= axis.top; at += axis.step) ruleAt(context, axis.y(at), width, colors.line);
}

/** 25, 50 and 75 % of the content, those in view. @param {Scene} scene @param {Axis} axis */
function quartersOf({ duration_ms }, axis) {
  const quarters = [0.25, 0.5, 0.75].map((share) => ({ share, position: (duration_ms ?? 0) * share }));
  const inView = quarters.filter(({ position }) => position > axis.bottom && position < axis.top);
  return inView.map(({ share, position }) => ({ share, position, y: axis.y(position) }));
}

/** Where the line is not, and readable where it is. @param {Scene} scene @param {ReturnType<typeof quartersOf>} quarters @param {number} leftmost_ms */
function nameQuarters({ context, width, colors }, quarters, leftmost_ms) {
  setFont(context, 10.5);
  for (const { share, position, y } of quarters) {
    const isLeft = leftmost_ms < position;
    context.fillStyle = colors["ink-3"];
    context.textAlign = isLeft ? "left" : "right";
    haloText(context, `${share * 100} % of content`, isLeft ? 46 : width - 5, y - 6);
  }
}

/** @param {Scene} scene @param {readonly PlayheadPoint[]} points @param {number} first @param {number} last @param {Axis} axis */
function drawLine(scene, points, first, last, axis) {
  const { context, width, x, colors } = scene;
  if (last - first > width * 2) {
    drawDenseLine(scene, points, first, last, axis);
    return;
  }
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.7;
  context.lineJoin = "round";
  context.beginPath();
  for (let index = first; index <= last; index += 1) {
    const [at_ms, position, kind] = points[index];
    if (kind === "j" || index === first) context.moveTo(x(at_ms), axis.y(position));
    else context.lineTo(x(at_ms), axis.y(position));
  }
  context.stroke();
}

/**
 * Several points a pixel: each column from its lowest to its highest, joined to the one before unless it jumped.
 * @param {Scene} scene @param {readonly PlayheadPoint[]} points @param {number} first @param {number} last
 * @param {Axis} axis
 */
function drawDenseLine({ context, x, colors }, points, first, last, axis) {
  const filled = new Columns(context);
  context.fillStyle = colors.ink;
  let column = Math.floor(x(points[first][0]));
  let low = axis.y(points[first][1]);
  let high = low;
  for (let index = first + 1; index <= last; index += 1) {
    const [at_ms, position, kind] = points[index];
    const left = Math.floor(x(at_ms));
    const y = axis.y(position);
    if (left === column && kind !== "j") {
      low = Math.max(low, y);
      high = Math.min(high, y);
      continue;
    }
    const top = Math.round(high - 1);
    filled.add(column, kind === "j" ? column + 1 : left, top, Math.max(2, Math.round(low + 1) - top));
    column = left;
    low = y;
    high = y;
  }
  const top = Math.round(high - 1);
  filled.add(column, column + 1, top, Math.max(2, Math.round(low + 1) - top));
  filled.end();
}

/** @param {Scene} scene @param {Axis} axis */
function drawAxisLabels({ context, colors }, axis) {
  setFont(context, 10.5);
  context.textAlign = "left";
  for (let at = axis.bottom + axis.step; at <= axis.top; at += axis.step) {
    context.fillStyle = colors["ink-3"];
    haloText(context, elapsed(at), 4, axis.y(at) + 7);
  }
}

/** Where the playhead should be by now, when it plays and now is in view. @param {Scene} scene */
function estimateOf({ model, view, missing }) {
  const { playhead, state } = model.timeline;
  if (!model.live || missing || state !== "playing" || model.end_ms > view.end_ms) return null;
  const [at_ms, position] = playhead[playhead.length - 1];
  return position + model.end_ms - at_ms;
}

/** From the last report to now: estimated, so dotted. @param {Scene} scene @param {PlayheadPoint} last @param {Axis} axis */
function drawEstimate(scene, [at_ms, position], axis) {
  const estimate = estimateOf(scene);
  if (estimate === null) return;
  const { context, model, x, colors } = scene;
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.7;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(x(at_ms), axis.y(position));
  context.lineTo(x(model.end_ms), axis.y(estimate));
  context.stroke();
  context.setLineDash([]);
}

/** Hollow dot, dashed line, filled dot, and how far; where they are dense, only lines. @param {Scene} scene @param {Axis} axis */
function drawSeeks(scene, axis) {
  const shown = seeksIn(scene);
  if (shown.length > scene.width / DENSE_JUMP_PX) {
    drawDenseJumps(scene, axis, shown);
    return;
  }
  setFont(scene.context, 11, 500);
  let labelled = -Infinity;
  for (const jumped of shown) {
    drawJump(scene, axis, jumped);
    const { right, from_ms, to_ms } = jumped;
    if (right - labelled <= JUMP_LABELS_APART_PX || Math.abs(to_ms - from_ms) < LEAST_JUMP_MS) continue;
    const middle = (axis.y(to_ms) + axis.y(from_ms)) / 2;
    const clear = Math.min(Math.max(middle + (to_ms > from_ms ? 0 : 12), BOX.top + 8), BOX.top + BOX.height - 8);
    haloText(scene.context, jump(to_ms - from_ms), right + 6, clear);
    labelled = right;
  }
}

/** @typedef {{ left: number, right: number, from_ms: number, to_ms: number }} Jump */

/** The seeks in view; of those that end in the same few pixels, the farthest. @param {Scene} scene @returns {Jump[]} */
function seeksIn({ model, width, x }) {
  /** @type {Jump[]} */
  const shown = [];
  for (const { start_ms, end_ms, from_ms, to_ms } of model.timeline.seek) {
    const right = x(end_ms ?? model.end_ms);
    if (from_ms === null || to_ms === null || right < -40 || right > width + 40) continue;
    const before = shown[shown.length - 1];
    const isApart = !before || right - before.right >= JUMPS_APART_PX;
    if (!isApart && Math.abs(to_ms - from_ms) <= Math.abs(before.to_ms - before.from_ms)) continue;
    if (!isApart) shown.pop();
    shown.push({ left: x(start_ms), right, from_ms, to_ms });
  }
  return shown;
}

/** @param {Scene} scene @param {Axis} axis @param {Jump[]} jumps */
function drawDenseJumps({ context, colors }, axis, jumps) {
  context.fillStyle = colors["seeking-text"];
  for (const { right, from_ms, to_ms } of jumps) {
    const top = Math.round(axis.y(Math.max(from_ms, to_ms)));
    context.fillRect(Math.round(right), top, 1, Math.max(2, Math.round(axis.y(Math.min(from_ms, to_ms))) - top));
  }
}

/** @param {Scene} scene @param {Axis} axis @param {Jump} jumped */
function drawJump({ context, colors }, axis, { left, right, from_ms, to_ms }) {
  const [from, to] = [axis.y(from_ms), axis.y(to_ms)];
  if (Math.hypot(right - left, to - from) > DOT_PX) {
    context.strokeStyle = colors["seeking-text"];
    context.lineWidth = 1.5;
    context.setLineDash([3, 2]);
    context.beginPath();
    context.moveTo(left, from);
    context.lineTo(right, to);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colors.surface;
    context.beginPath();
    context.arc(left, from, DOT_PX, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
  context.fillStyle = colors["seeking-text"];
  context.beginPath();
  context.arc(right, to, DOT_PX, 0, 2 * Math.PI);
  context.fill();
  context.textAlign = "left";
}

/** The position a crosshair's dot shows, on the lane's own scale. @param {Scene["model"]} model @param {boolean} isLiveStream @param {number} at_ms */
export function shownPosition(model, isLiveStream, at_ms) {
  if (!isLiveStream) return model.stateAt(at_ms).position_ms;
  const points = behindLive(model.timeline.playhead);
  return points[indexAt(points, at_ms, pointAt)]?.[1] ?? null;
}
