/** The events lane: errors and custom events one by one above, ticks below; where they are dense, counts. */

import { BOXES } from "./lanes.js";
import { cross } from "./paint_bands.js";
import { momentAt } from "./scale.js";
import { indexAt, indexesIn, momentOf } from "./spans.js";
import { haloText, setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./types.js").EventJson} EventJson */

const { top, height } = BOXES.events;
const FLOOR = top + height - 4;
const BIN_PX = 3;
const DENSE_PER_PX = 0.5;
const NAMED_PER_PX = 0.06;

/** @type {Record<string, string>} */
const TICK_COLORS = {
  play: "playing", pause: "paused", seek: "seeking", buffer: "buffering", ad: "ad", segment: "segment",
  playhead: "ink-3", qos: "series", summary: "ink-3",
};

/** @param {Scene} scene */
export function drawEvents(scene) {
  const { model, view, width } = scene;
  const [first, last] = indexesIn(model.events, view, momentOf);
  const density = (last - first) / width;
  if (density > DENSE_PER_PX) drawCounts(scene);
  else drawTicks(scene, first, last, density < NAMED_PER_PX);
  drawFlags(scene);
  drawSingles(scene);
  drawLateBrackets(scene);
}

/** Three pixels a bar, counted by bisection: as quick for 20,000 events as for 200. @param {Scene} scene */
function drawCounts({ context, model, view, width, colors }) {
  const counts = [];
  let before = indexAt(model.events, view.start_ms, momentOf);
  for (let x = BIN_PX; x <= width + BIN_PX; x += BIN_PX) {
    const upTo = indexAt(model.events, momentAt(x, view, width), momentOf);
    counts.push(upTo - before);
    before = upTo;
  }
  const most = Math.max(1, ...counts);
  context.fillStyle = colors["series-2"];
  counts.forEach((count, index) => {
    const high = Math.ceil((count / most) * 20);
    if (count) context.fillRect(index * BIN_PX, FLOOR - high, 2, high);
  });
}

/** @param {Scene} scene @param {number} first @param {number} last @param {boolean} named */
function drawTicks(scene, first, last, named) {
  const { context, model, width, x, colors } = scene;
  let labelledTo = -Infinity;
  for (let index = first; index <= last; index += 1) {
    const event = model.events[index];
    const color = TICK_COLORS[event.kind];
    const left = Math.round(x(event.at_ms)) + 0.5;
    if (!color || left < -4 || left > width + 4) continue;
    const isSmall = event.kind === "playhead" || event.kind === "qos" || event.kind === "summary";
    const high = event.kind === "playhead" ? 6 : isSmall ? 9 : 18;
    context.fillStyle = colors[color];
    context.fillRect(left - (isSmall ? 0.5 : 1), FLOOR - high, isSmall ? 1 : 2, high);
    if (named && !isSmall && left > labelledTo) labelledTo = nameTick(scene, index, left) ?? labelledTo;
  }
}

/** The event's name beside its tick when there is room before the next; returns where the name ends. @param {Scene} scene @param {number} index @param {number} left */
function nameTick({ context, model, width, x, colors }, index, left) {
  const next = model.events.slice(index + 1, index + 12).find(({ kind }) => isChange(kind));
  const room = (next ? x(next.at_ms) : width) - left - 10;
  setFont(context, 11);
  context.textAlign = "left";
  const { name } = model.events[index];
  const wide = context.measureText(name).width;
  if (wide >= room) return null;
  context.fillStyle = colors["ink-2"];
  haloText(context, name, left + 5, FLOOR - 12);
  return left + wide + 8;
}

/** @param {string} kind */
function isChange(kind) {
  return !["playhead", "qos", "summary", "custom", "error"].includes(kind);
}

/** Start and end of the session. @param {Scene} scene */
function drawFlags({ context, model, width, x, colors }) {
  context.fillStyle = colors["ink-2"];
  for (const { at_ms } of model.flags) {
    const left = Math.round(x(at_ms)) + 0.5;
    if (left < -8 || left > width + 4) continue;
    context.fillRect(left - 0.5, top + 5, 1.2, height - 9);
    context.beginPath();
    context.moveTo(left, top + 5);
    context.lineTo(left + 8, top + 8.5);
    context.lineTo(left, top + 12);
    context.fill();
  }
}

/** @param {Scene} scene */
function drawSingles(scene) {
  const { context, model, view, width, x, colors } = scene;
  const [first, last] = indexesIn(model.singles, view, momentOf);
  let labelledTo = -Infinity;
  let drawnTo = -Infinity;
  for (let index = first; index <= last; index += 1) {
    const event = model.singles[index];
    const left = Math.round(x(event.at_ms)) + 0.5;
    if (left < -6 || left > width + 6 || left - drawnTo < 1) continue;
    drawnTo = left;
    if (event.kind === "error") drawError(scene, left);
    else drawCustom(scene, left);
    const next = model.singles[index + 1];
    const limit = next ? x(next.at_ms) - 16 : width - 8;
    setFont(context, 11);
    const wide = context.measureText(event.name).width;
    const isFree = left + wide < limit && left + wide + 10 < Math.min(width, x(model.end_ms)) && left > labelledTo;
    if (!isFree) continue;
    context.fillStyle = event.kind === "error" ? colors["error-text"] : colors.accent;
    context.textAlign = "left";
    context.fillText(event.name, left + 8, top + 11);
    labelledTo = left + wide + 14;
  }
}

/** @param {Scene} scene @param {number} left */
function drawError({ context, colors }, left) {
  context.strokeStyle = colors.error;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(left, top + 18);
  context.lineTo(left, FLOOR);
  context.stroke();
  cross(context, left, top + 11, 4, colors.error);
}

/** @param {Scene} scene @param {number} left */
function drawCustom({ context, colors }, left) {
  context.fillStyle = colors.accent;
  context.beginPath();
  context.moveTo(left, top + 5.5);
  context.lineTo(left + 5, top + 10.5);
  context.lineTo(left, top + 15.5);
  context.lineTo(left - 5, top + 10.5);
  context.fill();
  context.fillRect(left - 0.5, top + 15, 1, height - 19);
}

/** "5 late, up to 26 s", shortened where a custom event's mark stands in the way, left out over another one. @param {Scene} scene */
function drawLateBrackets(scene) {
  const { context, model, width, x, colors } = scene;
  let free_from = -Infinity;
  for (const { start_ms, end_ms, count, max_delay_ms } of model.timeline.late) {
    const [left, right] = [x(start_ms), x(end_ms)];
    if (right < 0 || left > width) continue;
    drawBracket(context, left, Math.max(right, left + 4), colors["buffering-text"]);
    setFont(context, 11, 500);
    const clear = model.flags.some(({ at_ms }) => Math.abs(x(at_ms) - left) < 10) ? left + 12 : left;
    const full = `${count} late, up to ${Math.round(max_delay_ms / 1000)} s`;
    const fits = !isTaken(scene, clear, context.measureText(full).width + 8);
    const words = fits ? full : isTaken(scene, clear, 42) ? "" : `${count} late`;
    const wide = context.measureText(words).width;
    const from = Math.min(Math.max(2, clear), width - wide - 4);
    if (from < free_from) continue;
    free_from = from + wide + 12;
    context.fillStyle = colors["buffering-text"];
    context.textAlign = "left";
    context.fillText(words, from, top + 10);
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} left @param {number} right @param {string} color */
function drawBracket(context, left, right, color) {
  context.strokeStyle = color;
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(left + 0.5, top + 22);
  context.lineTo(left + 0.5, top + 18.5);
  context.lineTo(right - 0.5, top + 18.5);
  context.lineTo(right - 0.5, top + 22);
  context.stroke();
}

/** Whether a custom event or error stands within so many pixels to the right. @param {Scene} scene @param {number} left @param {number} room */
function isTaken({ model, view, width, x }, left, room) {
  const next = model.singles[indexAt(model.singles, momentAt(left - 6, view, width), momentOf) + 1];
  return next !== undefined && x(next.at_ms) < left + room;
}
