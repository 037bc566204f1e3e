/** The playhead lane: position in the content against the wall clock; for a live stream, distance behind its edge. */

import { elapsed, jump } from "../lib/durations.js";
import { drawNothing } from "./draw_ads.js";
import { BOXES } from "./lanes.js";
import { positionAxis } from "./scale.js";
import { behindLive, indexAt, indexesIn, pointAt } from "./spans.js";
import { haloText, ruleAt, setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./types.js").PlayheadPoint} PlayheadPoint */
/** @typedef {import("./types.js").Seek} Seek */
/** @typedef {{ y: (position_ms: number) => number, bottom: number, top: number, step: number }} Axis */

const BOX = BOXES.playhead;
const JUMP_LABELS_APART_PX = 34;

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
  const axis = axisOf(points, first, last);
  drawGrid(scene, axis);
  if (!isLiveStream) drawQuarters(scene, axis, points[first][1]);
  drawLine(scene, points, first, last, axis);
  drawAxisLabels(scene, axis);
  if (isLiveStream) return axis;
  drawEstimate(scene, points[points.length - 1], axis);
  drawSeeks(scene, axis);
  return axis;
}

/** @param {readonly PlayheadPoint[]} points @param {number} first @param {number} last @returns {Axis} */
function axisOf(points, first, last) {
  let lowest = Infinity;
  let highest = 0;
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

/** 25, 50 and 75 % of the content. @param {Scene} scene @param {Axis} axis @param {number} leftmost_ms */
function drawQuarters({ context, width, colors, duration_ms }, axis, leftmost_ms) {
  if (!duration_ms) return;
  setFont(context, 10.5);
  for (const quarter of [0.25, 0.5, 0.75]) {
    const position = duration_ms * quarter;
    if (position <= axis.bottom || position >= axis.top) continue;
    ruleAt(context, axis.y(position), width, colors["line-2"], [2, 3]);
    context.fillStyle = colors["ink-3"];
    const isLeft = leftmost_ms < position;
    context.textAlign = isLeft ? "left" : "right";
    context.fillText(`${quarter * 100} % of content`, isLeft ? 46 : width - 5, axis.y(position) - 6);
  }
}

/**
 * With more points than pixels, one point a pixel is enough; jumps are never left out.
 * @param {Scene} scene @param {readonly PlayheadPoint[]} points @param {number} first @param {number} last
 * @param {Axis} axis
 */
function drawLine({ context, width, x, colors }, points, first, last, axis) {
  const isDense = last - first > width;
  let drawn = -Infinity;
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.7;
  context.lineJoin = "round";
  context.beginPath();
  for (let index = first; index <= last; index += 1) {
    const [at_ms, position, kind] = points[index];
    const left = x(at_ms);
    if (isDense && kind !== "j" && left - drawn < 0.8 && index < last) continue;
    drawn = left;
    if (kind === "j" || index === first) context.moveTo(left, axis.y(position));
    else context.lineTo(left, axis.y(position));
  }
  context.stroke();
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

/** From the last report to now: estimated, so dotted. @param {Scene} scene @param {PlayheadPoint} last @param {Axis} axis */
function drawEstimate({ context, model, x, colors, missing }, [at_ms, position], axis) {
  if (!model.live || missing || model.timeline.state !== "playing") return;
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.7;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(x(at_ms), axis.y(position));
  context.lineTo(x(model.end_ms), axis.y(position + model.end_ms - at_ms));
  context.stroke();
  context.setLineDash([]);
}

/** Hollow dot, dashed line, filled dot, and how far. @param {Scene} scene @param {Axis} axis */
function drawSeeks(scene, axis) {
  const { model, width, x } = scene;
  let labelled = -Infinity;
  for (const seek of model.timeline.seek) {
    const { end_ms, from_ms, to_ms } = seek;
    const right = x(end_ms ?? model.end_ms);
    if (from_ms === null || to_ms === null || right < -40 || right > width + 40) continue;
    drawJump(scene, axis, x(seek.start_ms), right, from_ms, to_ms);
    if (right - labelled <= JUMP_LABELS_APART_PX) continue;
    setFont(scene.context, 11, 500);
    const middle = (axis.y(to_ms) + axis.y(from_ms)) / 2;
    const clear = Math.min(Math.max(middle + (to_ms > from_ms ? 0 : 12), BOX.top + 8), BOX.top + BOX.height - 8);
    haloText(scene.context, jump(to_ms - from_ms), right + 6, clear);
    labelled = right;
  }
}

/**
 * @param {Scene} scene @param {Axis} axis @param {number} left @param {number} right
 * @param {number} from_ms @param {number} to_ms
 */
function drawJump({ context, colors }, axis, left, right, from_ms, to_ms) {
  context.strokeStyle = colors["seeking-text"];
  context.lineWidth = 1.5;
  context.setLineDash([3, 2]);
  context.beginPath();
  context.moveTo(left, axis.y(from_ms));
  context.lineTo(right, axis.y(to_ms));
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colors.surface;
  context.beginPath();
  context.arc(left, axis.y(from_ms), 3, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.fillStyle = colors["seeking-text"];
  context.beginPath();
  context.arc(right, axis.y(to_ms), 3, 0, 2 * Math.PI);
  context.fill();
  context.textAlign = "left";
}

/** The position a crosshair's dot shows, on the lane's own scale. @param {Scene["model"]} model @param {boolean} isLiveStream @param {number} at_ms */
export function shownPosition(model, isLiveStream, at_ms) {
  if (!isLiveStream) return model.stateAt(at_ms).position_ms;
  const points = behindLive(model.timeline.playhead);
  return points[indexAt(points, at_ms, pointAt)]?.[1] ?? null;
}
