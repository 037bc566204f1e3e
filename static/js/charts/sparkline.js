/** A line the size of a word: how a figure moved, with a dot where it stands now. */

import { tokens } from "../lib/theme.js";
import { fitted } from "../timeline/paint_bands.js";

const WIDTH = 76;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {(number | null)[]} values oldest first; null where nothing was measured
 * @param {{width?: number, height?: number}} [size]
 */
export function drawSparkline(canvas, values, { width = WIDTH, height = 24 } = {}) {
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = fitted(canvas, width, height);
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return;
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const points = pointsOf(values, (at, value) => [
    1 + (at * (width - 5)) / (values.length - 1),
    height - 3 - ((value - low) / span) * (height - 7),
  ]);
  const colour = tokens().series;
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.4;
  pen.lineJoin = "round";
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
  const [last_x, last_y] = points[points.length - 1];
  pen.lineTo(last_x, height);
  pen.lineTo(points[0][0], height);
  pen.globalAlpha = 0.1;
  pen.fill();
  pen.globalAlpha = 1;
  pen.beginPath();
  pen.arc(last_x, last_y, 2.2, 0, 2 * Math.PI);
  pen.fill();
}

/**
 * @param {(number | null)[]} values
 * @param {(at: number, value: number) => [number, number]} place
 */
function pointsOf(values, place) {
  /** @type {[number, number][]} */
  const points = [];
  values.forEach((value, at) => {
    if (value !== null) points.push(place(at, value));
  });
  return points;
}
