/**
 * <compared-timeline>: a <media-timeline> that shares its axis. How far it can be zoomed out is told from outside, it
 * never moves by itself, and its crosshair can be set.
 *
 * Says besides: "hoverchange" (detail: the moment under the pointer, or null).
 */

import { MediaTimeline } from "../timeline/media_timeline.js";

/** @typedef {import("../timeline/types.js").View} View */

export class ComparedTimeline extends MediaTimeline {
  constructor() {
    super();
    /** What both sessions together take, on this one's clock. @type {View | null} */
    this.limits = null;
  }

  get whole() {
    return this.limits ?? super.whole;
  }

  /** The pair moves both, or neither. */
  toEdge() {}

  /** @param {number | null} at_ms */
  hover(at_ms) {
    super.hover(at_ms);
    this.say("hoverchange", at_ms);
  }

  /** The crosshair, moved by the other one. @param {number | null} at_ms */
  mirror(at_ms) {
    super.hover(at_ms);
  }
}

customElements.define("compared-timeline", ComparedTimeline);
