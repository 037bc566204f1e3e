/** The strip of a session: its last ten minutes on a board row, or all of it in a list. */

import { tokens } from "../lib/theme.js";
import { fitted, paintStrip } from "../timeline/paint_bands.js";

/** @typedef {import("../timeline/bands.js").Piece} Piece */

export const TEN_MINUTES_MS = 600_000;
const HEIGHT = 18;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{strip: Piece[], errors: number[]}} session
 * @param {{from_ms: number, to_ms: number}} span
 */
export function drawStrip(canvas, { strip, errors }, { from_ms, to_ms }) {
  const width = canvas.clientWidth;
  if (!width) return;
  canvas.style.height = `${HEIGHT}px`;
  const pen = fitted(canvas, width, HEIGHT);
  paintStrip(pen, { pieces: strip, errors, from_ms, to_ms, width, height: HEIGHT }, tokens());
}
