/** The second canvas: crosshair and selection, redrawn on every move of the pointer. */

import { BOXES, HEIGHT } from "./lanes.js";

/** @typedef {import("./lanes.js").Scene} Scene */

/** @param {Scene} scene @param {number} at_ms */
export function drawSelection(scene, at_ms) {
  const { context, colors } = scene;
  const left = drawVertical(scene, at_ms, colors.accent, [], 1.5);
  if (left === null) return;
  context.fillStyle = colors.accent;
  context.beginPath();
  context.moveTo(left - 5, 20);
  context.lineTo(left + 5, 20);
  context.lineTo(left, 27);
  context.fill();
  const { top, height } = BOXES.events;
  context.strokeRect(left - 5, top + height - 25, 10, 22.5);
}

/** A dashed line, with a dot on the playhead where `y` says it is. @param {Scene} scene @param {number} at_ms @param {number | null} y */
export function drawCrosshair(scene, at_ms, y) {
  const { context, colors } = scene;
  const left = drawVertical(scene, at_ms, colors.ink, [3, 2], 1);
  if (left === null || y === null) return;
  context.fillStyle = colors.surface;
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.8;
  context.beginPath();
  context.arc(left, y, 3.4, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

/**
 * @param {Scene} scene @param {number} at_ms @param {string} color @param {number[]} dashes @param {number} stroke
 * @returns {number | null}
 */
function drawVertical({ context, width, x }, at_ms, color, dashes, stroke) {
  const left = Math.round(x(at_ms)) + 0.5;
  if (left < 0 || left > width) return null;
  context.strokeStyle = color;
  context.lineWidth = stroke;
  context.setLineDash(dashes);
  context.beginPath();
  context.moveTo(left, 17);
  context.lineTo(left, HEIGHT);
  context.stroke();
  context.setLineDash([]);
  return left;
}
