/** The playback lane: bands, with their length where it fits. */

import { length } from "../lib/durations.js";
import { shapesOf } from "./bands.js";
import { BOXES } from "./lanes.js";
import { paint } from "./paint_bands.js";
import { collapsed } from "./spans.js";
import { setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./types.js").Band} Band */

const { top, height } = BOXES.playback;
// Narrower bands have no words.
const LEAST_LABELLED_PX = 26;

/** @param {Scene} scene */
export function drawPlayback(scene) {
  const { context, model, view, width, colors } = scene;
  for (const { state, inferred, x0, x1, isPixels, band } of collapsed(model.timeline.playback, view, width, model.end_ms)) {
    const left = Math.max(-2, x0);
    const right = Math.min(width + 2, x1);
    if (right < 0 || left > width || state === "ended") continue;
    context.globalAlpha = inferred ? 0.55 : 1;
    for (const shape of shapesOf({ state, x0: left, x1: right }, top + 5, height - 10)) paint(context, shape, colors);
    context.globalAlpha = 1;
    if (inferred && state !== "no_signal" && right - left > 6) drawInferredEdge(scene, left, right);
    if (!isPixels && right - left > LEAST_LABELLED_PX) drawBandLabel(scene, band, left, right - left);
  }
}

/** What was inferred has a dotted foot. @param {Scene} scene @param {number} left @param {number} right */
function drawInferredEdge({ context, colors }, left, right) {
  context.strokeStyle = colors["ink-2"];
  context.lineWidth = 1;
  context.setLineDash([1.5, 2.5]);
  context.beginPath();
  context.moveTo(left, top + height - 3.5);
  context.lineTo(right, top + height - 3.5);
  context.stroke();
  context.setLineDash([]);
}

/** @param {Scene} scene @param {Band} band @param {number} left @param {number} wide */
function drawBandLabel({ context, model, colors }, band, left, wide) {
  const lasted = (band.end_ms ?? model.end_ms) - band.start_ms;
  context.textAlign = "left";
  setFont(context, 11, band.state === "buffering" ? 500 : 400);
  if (band.state === "buffering" && wide > 40) {
    const words = length(lasted);
    const room = context.measureText(words).width;
    if (room > wide - 10) return;
    context.fillStyle = colors.surface;
    context.fillRect(left + 5, top + 11, room + 6, 13);
    context.fillStyle = colors["buffering-text"];
    context.fillText(words, left + 8, top + 18);
  } else if (band.state === "no_signal" && wide > 30) {
    const words = wide > 96 ? `no events ${length(lasted)}` : length(lasted);
    label(context, words, left + 4, top + 13, wide - 4, colors["ink-3"]);
  } else if (band.state === "paused" && wide > 44) {
    const words = wide > 90 ? `paused ${length(lasted)}` : length(lasted);
    label(context, words, left + 4, top + 11, wide - 4, colors["ink-3"]);
  } else if (band.state === "starting" && wide > 44) {
    const words = wide > 96 ? `starting ${length(lasted)}` : length(lasted);
    label(context, words, left + 4, top + 14, wide - 4, colors["ink-3"]);
  } else if (band.state === "ad") {
    setFont(context, 10.5, 600);
    context.textAlign = "center";
    context.fillStyle = colors["ad-text"];
    context.fillText("AD", left + wide / 2, top + height - 12);
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {string} words @param {number} x @param {number} y
 * @param {number} room @param {string} color
 */
function label(context, words, x, y, room, color) {
  if (context.measureText(words).width > room) return;
  context.fillStyle = color;
  context.fillText(words, x, y);
}
