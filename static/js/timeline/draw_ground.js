/** What lies beneath and above the lanes: grid, ruler, the time that is not data, late groups, "now". */

import { clock, day } from "../lib/durations.js";
import { offsetAt } from "../lib/time_zone.js";
import { BOXES, HEIGHT, LANES, RULER_HEIGHT } from "./lanes.js";
import { spanOf, tickStep, ticks } from "./scale.js";
import { cut, setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */

const DAY_MS = 86_400_000;

/** Grid, wash before the start and after the end, lines between lanes. @param {Scene} scene */
export function drawGround(scene) {
  drawTicks(scene);
  drawNotData(scene);
  drawLaneLines(scene);
  drawLateWash(scene);
}

/** @param {Scene} scene */
function drawTicks({ context, view, width, x, colors }) {
  context.fillStyle = colors.line;
  for (const at_ms of ticks(view, width, offsetAt(view.start_ms))) context.fillRect(Math.round(x(at_ms)), 20, 1, HEIGHT);
}

/** Over the stems of the pins, and not where the flag of the present stands. @param {Scene} scene */
export function drawRuler(scene) {
  const { context, view, width, x, colors } = scene;
  const step = tickStep(view, width);
  const flag = flagOf(scene);
  setFont(context, 11);
  context.textAlign = "left";
  for (const at_ms of ticks(view, width, offsetAt(view.start_ms))) {
    const left = Math.round(x(at_ms)) + 4.5;
    const words = tickLabel(at_ms, step, spanOf(view));
    const wide = context.measureText(words).width;
    if (flag && left + wide > flag.left - 2 && left < flag.left + flag.wide + 2) continue;
    // A box instead of a halo: stroking so much text would take as long as all the rest.
    context.fillStyle = colors.surface;
    context.fillRect(left - 1, 22, Math.ceil(wide) + 2, 12);
    context.fillStyle = colors["ink-3"];
    context.fillText(words, left, 28);
  }
}

/** @param {number} at_ms @param {number} step_ms @param {number} span_ms */
function tickLabel(at_ms, step_ms, span_ms) {
  const isMidnight = (at_ms + offsetAt(at_ms)) % DAY_MS === 0;
  if (step_ms >= DAY_MS || (span_ms > DAY_MS && isMidnight)) {
    return day(at_ms, step_ms > 100 * DAY_MS ? { year: "numeric" } : { day: "numeric", month: "short" });
  }
  return clock(at_ms).slice(0, step_ms >= 60_000 ? 5 : 8);
}

/** @param {Scene} scene */
function drawNotData({ context, model, width, x, colors }) {
  context.fillStyle = colors.inset;
  context.globalAlpha = 0.75;
  const start = x(model.start_ms);
  const end = x(model.end_ms);
  if (start > 0) context.fillRect(0, RULER_HEIGHT, Math.min(start, width), HEIGHT);
  if (end < width) context.fillRect(Math.max(0, end), RULER_HEIGHT, width, HEIGHT);
  context.globalAlpha = 1;
}

/** @param {Scene} scene */
function drawLaneLines({ context, width, colors }) {
  context.fillStyle = colors.line;
  for (const { name, joined } of LANES) {
    const { top, height } = BOXES[name];
    if (!joined) context.fillRect(0, top + height - 1, width, 1);
  }
}

/** A late group touches every lane: the same faint wash through all of them. @param {Scene} scene */
function drawLateWash({ context, model, width, x, colors }) {
  context.fillStyle = colors["buffering-text"];
  context.globalAlpha = 0.06;
  for (const { start_ms, end_ms } of model.timeline.late) {
    const [left, right] = [x(start_ms), x(end_ms)];
    if (right >= 0 && left <= width) context.fillRect(left, RULER_HEIGHT, right - left, HEIGHT - RULER_HEIGHT);
  }
  context.globalAlpha = 1;
}

/** The line where data ends: now, the end, or the last data while the connection is gone. @param {Scene} scene */
export function drawPresent(scene) {
  const { context, colors, missing } = scene;
  const flag = flagOf(scene);
  if (!flag) return;
  const { at, left, wide, words, color } = flag;
  context.fillStyle = color;
  context.fillRect(Math.round(at), 20, 1.5, HEIGHT);
  context.fillRect(left, 21, wide, 14);
  context.fillStyle = colors.surface;
  context.textAlign = "left";
  context.fillText(words, left + 4, 28.5);
  if (missing) drawNotLoaded(scene, at);
}

/** Where the flag stands and what it says; null when the present is not in view. Leaves its font set. @param {Scene} scene */
function flagOf(scene) {
  const { context, model, width, x } = scene;
  const at = x(model.end_ms);
  if (at < -2 || at > width + 2) return null;
  const [words, color] = presentWords(scene);
  setFont(context, 10.5, 600);
  const wide = context.measureText(words).width + 8;
  return { at, left: Math.min(at, width - wide), wide, words, color };
}

/** @param {Scene} scene @returns {[string, string]} */
function presentWords({ model, colors, missing }) {
  if (!model.live) return ["ended", colors["ink-3"]];
  return missing ? ["last data", colors["buffering-text"]] : ["now", colors.playing];
}

/** Never a drawn guess: what was missed is said to be missing. @param {Scene} scene @param {number} at */
function drawNotLoaded({ context, width, colors }, at) {
  const { top, height } = BOXES.playback;
  context.strokeStyle = colors["buffering-text"];
  context.setLineDash([2, 4]);
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(at + 4, top + height - 8);
  context.lineTo(width - 8, top + height - 8);
  context.stroke();
  context.setLineDash([]);
  setFont(context, 11);
  context.fillStyle = colors["ink-3"];
  context.fillText(cut(context, "not loaded", width - at - 8), at + 5, top + height - 17);
}
