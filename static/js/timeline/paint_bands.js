/** Paints what bands.js says, and the canvas helpers every picture shares: crisp scaling, hatches, crosses. */

import { bandsIn, shapesOf } from "./bands.js";

/** @typedef {import("./bands.js").Shape} Shape */
/** @typedef {import("./bands.js").Piece} Piece */
/** @typedef {Record<string, string>} Tokens */

/** @type {Map<string, CanvasPattern>} */
const hatches = new Map();

/**
 * Makes the canvas as sharp as the screen and empties it.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width in CSS pixels
 * @param {number} height in CSS pixels
 */
export function fitted(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no canvas");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/**
 * A 45° hatch.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} colour
 * @param {string} back
 * @param {boolean} small
 */
export function hatch(pen, colour, back, small) {
  const key = `${colour} ${back} ${small} ${window.devicePixelRatio}`;
  const known = hatches.get(key);
  if (known) return known;
  const ratio = window.devicePixelRatio || 1;
  const tile = document.createElement("canvas");
  const side = (small ? 4 : 6) * ratio;
  tile.width = tile.height = side;
  const stroke = tile.getContext("2d");
  if (!stroke) return colour;
  stroke.fillStyle = back;
  stroke.fillRect(0, 0, side, side);
  stroke.strokeStyle = colour;
  stroke.lineWidth = (small ? 1.7 : 2.4) * ratio;
  stroke.beginPath();
  for (const from of [-side, 0, side]) {
    stroke.moveTo(from, side);
    stroke.lineTo(from + side, 0);
  }
  stroke.stroke();
  const pattern = pen.createPattern(tile, "repeat");
  if (!pattern) return colour;
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  hatches.set(key, pattern);
  return pattern;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Shape} shape
 * @param {Tokens} colours
 * @param {boolean} [small]
 */
export function paint(pen, shape, colours, small = false) {
  const { x, y, width, height } = shape;
  const colour = colours[shape.colour];
  if (shape.kind === "dash") {
    pen.strokeStyle = colour;
    pen.lineWidth = height;
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + width, y);
    pen.stroke();
    pen.setLineDash([]);
    return;
  }
  pen.fillStyle = shape.kind === "hatch" ? hatch(pen, colour, colours[shape.back ?? "surface"], small) : colour;
  pen.fillRect(x, y, width, height);
}

/**
 * The error mark.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @param {string} colour
 */
export function cross(pen, x, y, reach, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.8;
  pen.beginPath();
  pen.moveTo(x - reach, y - reach);
  pen.lineTo(x + reach, y + reach);
  pen.moveTo(x + reach, y - reach);
  pen.lineTo(x - reach, y + reach);
  pen.stroke();
}

/**
 * A strip: bands on a hairline, errors as crosses in a gap.
 * @param {CanvasRenderingContext2D} pen
 * @param {{pieces: Piece[], errors: number[], from_ms: number, to_ms: number, width: number, height: number}} strip
 * @param {Tokens} colours
 */
export function paintStrip(pen, { pieces, errors, from_ms, to_ms, width, height }, colours) {
  pen.fillStyle = colours.inset;
  pen.fillRect(0, height - 1, width, 1);
  for (const band of bandsIn(pieces, { from_ms, to_ms, width })) {
    for (const shape of shapesOf(band, 2, height - 3, true)) paint(pen, shape, colours, true);
  }
  for (const at_ms of errors) {
    const x = ((at_ms - from_ms) / (to_ms - from_ms)) * width;
    if (x < 2 || x > width) continue;
    pen.fillStyle = colours.surface;
    pen.fillRect(x - 5.5, 0, 11, height);
    cross(pen, x, height / 2 + 2, 3.6, colours.error);
  }
}
