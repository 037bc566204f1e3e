/**
 * Two timelines that move as one. Whatever view one of them is given, the other shows what belongs to it, and both can
 * be zoomed out to everything of both.
 *
 * Says: "look" (detail: the moments looked at, { a_ms, b_ms, isHovered }).
 */

import { moved, spanOf, within } from "../timeline/scale.js";
import { counterpart, firstShift, shiftAt, wholeOfBoth } from "./alignment.js";

/** @typedef {import("./alignment.js").Alignment} Alignment */
/** @typedef {import("./compared_timeline.js").ComparedTimeline} ComparedTimeline */
/** @typedef {import("../timeline/model.js").TimelineModel} TimelineModel */
/** @typedef {import("../timeline/types.js").View} View */

// A view this close to the whole is meant as the whole.
const ALL = 0.995;

export class Pair extends EventTarget {
  /** @param {ComparedTimeline} a @param {ComparedTimeline} b @param {Alignment} alignment */
  constructor(a, b, alignment) {
    super();
    this.a = a;
    this.b = b;
    this.alignment = alignment;
    this.shift_ms = 0;
    this.showsAll = true;
    this.isMoving = false;
    this.bind();
  }

  bind() {
    this.a.addEventListener("viewchange", () => this.moved(this.a.view));
    this.b.addEventListener("viewchange", () => this.moved(moved(this.b.view, -this.shift_ms)));
    this.a.addEventListener("hoverchange", (event) => this.hovered(this.a, /** @type {CustomEvent} */ (event).detail));
    this.b.addEventListener("hoverchange", (event) => this.hovered(this.b, /** @type {CustomEvent} */ (event).detail));
  }

  /** @returns {[TimelineModel, TimelineModel]} */
  get models() {
    return [/** @type {TimelineModel} */ (this.a.model), /** @type {TimelineModel} */ (this.b.model)];
  }

  /** @param {Alignment} alignment */
  align(alignment) {
    this.alignment = alignment;
    this.shift_ms = firstShift(alignment, ...this.models);
    this.showAll();
  }

  /** Time has gone on, or something has come. */
  grow() {
    if (this.showsAll) this.showAll();
    this.a.changed();
    this.b.changed();
  }

  showAll() {
    this.show(this.whole, true);
  }

  get whole() {
    return wholeOfBoth(...this.models, this.shift_ms);
  }

  /** @param {number} at_ms of A */
  shiftAround(at_ms) {
    return shiftAt(this.alignment, ...this.models, at_ms, this.shift_ms);
  }

  /** One of them was moved. @param {View} view on A's axis */
  moved(view) {
    if (!this.isMoving) this.show(view, spanOf(view) >= spanOf(this.whole) * ALL);
  }

  /** @param {View} wanted on A's axis @param {boolean} isAll */
  show(wanted, isAll) {
    this.isMoving = true;
    this.showsAll = isAll;
    if (this.alignment === "playhead" && !isAll) this.shift_ms = this.shiftAround((wanted.start_ms + wanted.end_ms) / 2);
    const limits = this.whole;
    const view = isAll ? limits : within(wanted, limits);
    this.a.limits = limits;
    this.b.limits = moved(limits, this.shift_ms);
    this.a.show(view);
    this.b.show(moved(view, this.shift_ms));
    this.isMoving = false;
  }

  /** @param {number} factor below 1: closer */
  zoom(factor) {
    this.a.zoom(factor);
  }

  /** @param {number} share of the view */
  pan(share) {
    this.a.pan(share);
  }

  /** A finding of one of them. @param {ComparedTimeline} side @param {number} at_ms @param {number} most_ms */
  centre(side, at_ms, most_ms) {
    side.centre(at_ms, most_ms);
    this.hovered(side, at_ms);
    side.mirror(at_ms);
  }

  /** What belongs to a moment of one of them, in the other. @param {ComparedTimeline} side @param {number} at_ms */
  partner(side, at_ms) {
    const [a, b] = this.models;
    const [one, other] = side === this.a ? [a, b] : [b, a];
    const shift_ms = side === this.a ? this.shift_ms : -this.shift_ms;
    return counterpart(this.alignment, one, other, at_ms) ?? at_ms + shift_ms;
  }

  /** @param {ComparedTimeline} side @param {number | null} at_ms */
  hovered(side, at_ms) {
    const partner_ms = at_ms === null ? null : this.partner(side, at_ms);
    (side === this.a ? this.b : this.a).mirror(partner_ms);
    this.look(side === this.a ? at_ms : partner_ms, side === this.a ? partner_ms : at_ms);
  }

  /** The crosshair, or with none the last moments of both. @param {number | null} a_ms @param {number | null} b_ms */
  look(a_ms, b_ms) {
    const [a, b] = this.models;
    const detail = { a_ms: a_ms ?? a.end_ms, b_ms: b_ms ?? b.end_ms, isHovered: a_ms !== null };
    this.dispatchEvent(new CustomEvent("look", { detail }));
  }
}
