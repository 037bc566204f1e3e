/** Text, hairlines and columns on a canvas: fonts, halos, shortening. Bands and hatches are paint_bands.js's. */

import { tokens } from "../lib/theme.js";

/** @param {CanvasRenderingContext2D} context @param {number} size @param {number} [weight] */
export function setFont(context, size, weight = 400) {
  context.font = `${weight} ${size}px ${tokens().sans}`;
}

/**
 * Text with a halo of the surface's colour, for places where lines pass beneath.
 * @param {CanvasRenderingContext2D} context @param {string} words @param {number} x @param {number} y
 */
export function haloText(context, words, x, y) {
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = tokens().surface;
  context.strokeText(words, x, y);
  context.fillText(words, x, y);
}

/**
 * The text when it fits, shortened with … when some of it does, else nothing.
 * @param {CanvasRenderingContext2D} context @param {string} words @param {number} room
 */
export function cut(context, words, room) {
  if (room < 20) return "";
  const full = context.measureText(words).width;
  if (full <= room) return words;
  let kept = Math.floor((words.length * room) / full);
  while (kept > 1 && context.measureText(`${words.slice(0, kept)}…`).width > room) kept -= 1;
  return kept > 2 ? `${words.slice(0, kept).trimEnd()}…` : "";
}

/**
 * A hairline across the track.
 * @param {CanvasRenderingContext2D} context @param {number} y @param {number} width @param {string} color
 * @param {number[]} [dashes]
 */
export function ruleAt(context, y, width, color, dashes = []) {
  const sharp = Math.round(y) + 0.5;
  if (!dashes.length) {
    context.fillStyle = color;
    context.fillRect(0, sharp - 0.5, width, 1);
    return;
  }
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.setLineDash(dashes);
  context.beginPath();
  context.moveTo(0, sharp);
  context.lineTo(width, sharp);
  context.stroke();
  context.setLineDash([]);
}

/**
 * Rectangles of one colour on whole pixels, from left to right. Those that touch and are equally high are filled as
 * one: thousands of them, or soft edges, take longer than a frame has.
 */
export class Columns {
  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
    this.left = 0;
    this.right = 0;
    this.top = 0;
    this.height = 0;
  }

  /** @param {number} left @param {number} right @param {number} top @param {number} height */
  add(left, right, top, height) {
    if (left !== this.right || top !== this.top || height !== this.height) {
      this.end();
      this.left = left;
      this.top = top;
      this.height = height;
    }
    this.right = right;
  }

  /** Fills the last one. */
  end() {
    if (this.right > this.left) this.context.fillRect(this.left, this.top, this.right - this.left, this.height);
    this.left = this.right;
  }
}
