/**
 * The whole session in 36 px. Its picture is kept until data, size or colours change: a pan only draws the brush.
 */

import { shapesOf } from "./bands.js";
import { cross, fitted, paint } from "./paint_bands.js";
import { xOf } from "./scale.js";
import { collapsed } from "./spans.js";

/** @typedef {import("./model.js").TimelineModel} TimelineModel */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("../lib/theme.js").Tokens} Tokens */

export const MINIMAP_HEIGHT = 36;

export class Minimap {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.picture = document.createElement("canvas");
    /** What the kept picture was drawn from. @type {unknown[]} */
    this.drawnFrom = [];
  }

  /**
   * @param {TimelineModel} model @param {View} whole @param {View} view @param {number} width @param {Tokens} colors
   * @param {number | null} selected_ms
   */
  draw(model, whole, view, width, colors, selected_ms) {
    const from = [model.timeline, Math.round(xOf(model.end_ms, whole, width)), whole.start_ms, width, colors];
    if (from.some((part, index) => part !== this.drawnFrom[index])) {
      this.drawPicture(model, whole, width, colors);
      this.drawnFrom = from;
    }
    const context = fitted(this.canvas, width, MINIMAP_HEIGHT);
    context.drawImage(this.picture, 0, 0, width, MINIMAP_HEIGHT);
    drawBrush(context, whole, view, width, colors);
    if (selected_ms === null) return;
    context.fillRect(xOf(selected_ms, whole, width) - 0.75, 2, 1.5, 32);
  }

  /** @param {TimelineModel} model @param {View} whole @param {number} width @param {Tokens} colors */
  drawPicture(model, whole, width, colors) {
    const context = fitted(this.picture, width, MINIMAP_HEIGHT);
    /** @param {number} at_ms */
    const x = (at_ms) => xOf(at_ms, whole, width);
    for (const band of collapsed(model.timeline.playback, whole, width, model.end_ms)) {
      for (const shape of shapesOf(band, 11, 14, true)) paint(context, shape, colors, true);
    }
    context.fillStyle = colors.ad;
    for (const { start_ms, end_ms } of model.timeline.ad_break) {
      context.fillRect(x(start_ms), 27, Math.max(2, x(end_ms ?? model.end_ms) - x(start_ms)), 3);
    }
    let drawn = -Infinity;
    for (const { at_ms } of model.timeline.errors) {
      if (x(at_ms) - drawn < 2) continue;
      drawn = x(at_ms);
      cross(context, drawn, 6, 2.8, colors.error);
    }
    context.fillStyle = colors["buffering-text"];
    for (const { start_ms, end_ms } of model.timeline.late) {
      context.fillRect(x(start_ms), 4, Math.max(2, x(end_ms) - x(start_ms)), 2);
    }
  }
}

/** What is outside of the view is dimmed. @param {CanvasRenderingContext2D} context @param {View} whole @param {View} view @param {number} width @param {Tokens} colors */
function drawBrush(context, whole, view, width, colors) {
  const left = Math.max(1, xOf(view.start_ms, whole, width));
  const right = Math.min(width - 1, xOf(view.end_ms, whole, width));
  context.fillStyle = colors.bg;
  context.globalAlpha = 0.68;
  context.fillRect(0, 0, left, MINIMAP_HEIGHT);
  context.fillRect(right, 0, width, MINIMAP_HEIGHT);
  context.globalAlpha = 1;
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.4;
  context.strokeRect(left, 1.5, right - left, MINIMAP_HEIGHT - 3);
  context.fillStyle = colors.accent;
  for (const edge of [left, right]) context.fillRect(edge - 2, 11, 4, 14);
}
