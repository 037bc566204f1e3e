/** The line above the two timelines: what each of them was at, where the crosshair is. Pure. */

import { clock, elapsed, jump, stateWord } from "../lib/durations.js";
import { ahead, firstFrame, positionAt } from "./alignment.js";

/** @typedef {import("./alignment.js").Alignment} Alignment */
/** @typedef {import("../timeline/model.js").TimelineModel} TimelineModel */

// Reports and clocks never agree better than this.
const TOGETHER_MS = 500;

/** @param {Alignment} alignment @param {TimelineModel} a @param {number} a_ms */
export function placeWords(alignment, a, a_ms) {
  if (alignment === "clock") return `${clock(a_ms, 1)} UTC`;
  if (alignment === "playhead") return `content at ${elapsed(positionAt(a, a_ms), true)}`;
  const since_ms = a_ms - firstFrame(a);
  return `${elapsed(Math.abs(since_ms), true)} ${since_ms < 0 ? "before" : "after"} the first frame`;
}

/** @param {TimelineModel} model @param {number} at_ms */
export function sideWords(model, at_ms) {
  if (at_ms < model.start_ms) return "not yet started";
  if (at_ms > model.end_ms) return model.live ? "not yet there" : "over";
  const { band, position_ms } = model.stateAt(at_ms);
  return `${band ? stateWord(band.state) : "–"} at ${elapsed(position_ms, true)}`;
}

/** @param {TimelineModel} a @param {number} a_ms @param {TimelineModel} b @param {number} b_ms */
export function apartWords(a, a_ms, b, b_ms) {
  const isKnown = [[a, a_ms], [b, b_ms]].every(([model, at_ms]) => isWithin(/** @type {TimelineModel} */ (model), /** @type {number} */ (at_ms)));
  const by_ms = isKnown ? ahead(a, a_ms, b, b_ms) : null;
  if (by_ms === null) return "";
  return Math.abs(by_ms) < TOGETHER_MS ? "same place in the content" : `B’s playhead ${jump(by_ms)} from A’s`;
}

/** @param {TimelineModel} model @param {number} at_ms */
function isWithin(model, at_ms) {
  return at_ms >= model.start_ms && at_ms <= model.end_ms;
}
