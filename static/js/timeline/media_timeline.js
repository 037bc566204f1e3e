/**
 * <media-timeline>: one session on a time axis. Two canvases, lanes and overlay; names and values are DOM. It holds
 * the view, the selection and whether it follows; what happened it takes from a TimelineModel and never changes.
 *
 * Says: "viewchange", "followchange", "pick" (an event was chosen), "pinpick", "read" (what is being looked at).
 */

import { el, fill, setText } from "../lib/dom.js";
import { clock, elapsed } from "../lib/durations.js";
import { nextFrame } from "../lib/frame.js";
import { onLookChange, tokens } from "../lib/theme.js";
import { zoneNow } from "../lib/time_zone.js";
import { drawAds, drawSegments } from "./draw_ads.js";
import { drawEvents } from "./draw_events.js";
import { drawGround, drawPresent, drawRuler } from "./draw_ground.js";
import { Minimap } from "./draw_minimap.js";
import { drawCrosshair, drawSelection } from "./draw_overlay.js";
import { drawPlayback } from "./draw_playback.js";
import { drawPlayhead, shownPosition } from "./draw_playhead.js";
import { drawQuality } from "./draw_quality.js";
import { bindMinimap, bindPlot } from "./gestures.js";
import { Gutter } from "./gutter.js";
import { HEIGHT } from "./lanes.js";
import { fitted } from "./paint_bands.js";
import { Pins } from "./pins.js";
import { moved, spanOf, wholeView, within, xOf, zoomed } from "./scale.js";

/** @typedef {import("./model.js").TimelineModel} TimelineModel */
/** @typedef {import("./types.js").EventJson} EventJson */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./pins.js").Pin} Pin */

const CHIP_HALF_PX = 62;
// How close to the edge a selected event may lie before the view moves to it.
const MARGIN = 0.04;
// A view this close to the whole session is meant as the whole.
const ALL = 0.995;
// A picture that would move by less is kept.
const SEEN_PX = 0.25;

export class MediaTimeline extends HTMLElement {
  constructor() {
    super();
    /** @type {TimelineModel | null} */
    this.model = null;
    /** @type {View} */
    this.view = { start_ms: 0, end_ms: 1 };
    this.width = 0;
    this.following = false;
    /** Whether the view is the whole session and grows with it. */
    this.showsAll = true;
    /** @type {EventJson | null} */
    this.selected = null;
    /** @type {number | null} */
    this.hovered_ms = null;
    /** How much is missing at the right because the connection is gone. */
    this.missing_ms = 0;
    /** @type {number | null} */
    this.duration_ms = null;
    this.isLiveStream = false;
    this.areLanesDirty = false;
    /** What the lanes were last drawn from. @type {{ parts: unknown[], view: View, end_ms: number } | null} */
    this.drawn = null;
    /** @type {ReturnType<typeof drawPlayhead>} */
    this.playheadAxis = null;
    this.drawLanes = this.drawLanes.bind(this);
    this.draw = this.draw.bind(this);
  }

  connectedCallback() {
    const minimap = el("canvas", { role: "img", "aria-label": "Overview of the whole session with the visible range" });
    this.lanes = el("canvas", { role: "img", "aria-label": this.dataset.name ?? "Timeline" });
    this.overlay = el("canvas", { "aria-hidden": "true" });
    this.chip = el("div", { class: "time-chip", hidden: true });
    this.plot = el("div", { class: "plot" }, this.lanes, this.overlay, this.chip);
    this.plot.style.height = `${HEIGHT}px`;
    const gutter = el("div", { class: "gutter" });
    const readout = this.querySelector(".readout");
    fill(
      this,
      el("div", { class: "minimap" }, el("div", { class: "minimap-label" }, "Whole session"), el("div", {}, minimap)),
      readout,
      el("div", { class: "lanes" }, gutter, this.plot),
    );
    this.minimap = new Minimap(minimap);
    this.gutter = new Gutter(gutter);
    this.pins = new Pins(this.plot, (pin) => this.say("pinpick", pin));
    bindPlot(this.plot, this);
    bindMinimap(minimap, this);
    onLookChange(() => this.ask());
    new ResizeObserver(([entry]) => this.resized(entry.contentRect.width)).observe(this.plot);
  }

  /** Drawn at once, still before this frame is painted: nobody sees the old picture stretched. @param {number} width */
  resized(width) {
    this.width = width;
    this.areLanesDirty = true;
    this.draw();
  }

  /** The session to draw. @param {TimelineModel} model @param {{ duration_ms: number | null, isLiveStream: boolean }} content */
  setModel(model, { duration_ms, isLiveStream }) {
    const isFirst = !this.model;
    this.model = model;
    this.duration_ms = duration_ms;
    this.isLiveStream = isLiveStream;
    if (isFirst) this.view = this.whole;
    this.changed();
  }

  /** The model has changed, or time has gone on. */
  changed() {
    if (!this.model) return;
    if (this.following || (this.showsAll && this.model.live)) this.toEdge();
    this.ask();
    if (this.hovered_ms === null && !this.selected) this.read();
  }

  get whole() {
    if (!this.model) return { start_ms: 0, end_ms: 1 };
    return wholeView(this.model.start_ms, this.model.end_ms + this.missing_ms * 1.6, this.model.live);
  }

  /** @param {View} view */
  show(view) {
    if (!this.model) return;
    this.view = within(view, this.whole);
    this.showsAll = spanOf(this.view) >= spanOf(this.whole) * ALL;
    if (this.following && this.view.end_ms < this.model.end_ms) this.follow(false);
    this.ask();
    this.say("viewchange", this.view);
  }

  showAll() {
    this.show(this.whole);
  }

  /**
   * @param {number} factor below 1: closer @param {number} [around_ms] what stays where it is; the present, while it is followed
   * @param {View} [from] what it is a factor of
   */
  zoom(factor, around_ms = this.selected?.at_ms ?? (this.view.start_ms + this.view.end_ms) / 2, from = this.view) {
    const { end_ms } = this.whole;
    const pinned = { start_ms: end_ms - spanOf(from), end_ms };
    this.show(this.following ? zoomed(pinned, factor, end_ms) : zoomed(from, factor, around_ms));
  }

  /** @param {number} share of the view */
  pan(share) {
    if (share < 0) this.letGo();
    this.show(moved(this.view, share * spanOf(this.view)));
  }

  /** Shows so much of the session, ending now when following, else around the middle. @param {number} span_ms */
  showSpan(span_ms) {
    const middle = this.selected?.at_ms ?? (this.view.start_ms + this.view.end_ms) / 2;
    const end_ms = this.following ? this.whole.end_ms : middle + span_ms / 2;
    this.show({ start_ms: end_ms - span_ms, end_ms });
  }

  /** The moment in the middle, not closer than `most_ms` around it. @param {number} at_ms @param {number} most_ms */
  centre(at_ms, most_ms) {
    const span_ms = Math.min(spanOf(this.view), most_ms);
    this.show({ start_ms: at_ms - span_ms / 2, end_ms: at_ms + span_ms / 2 });
  }

  /** Keeps the zoom and pins the right edge to now. @param {boolean} on */
  follow(on) {
    const following = on && Boolean(this.model?.live);
    if (following !== this.following) {
      this.following = following;
      this.say("followchange", following);
    }
    if (following) {
      this.toEdge();
      this.ask();
      this.say("viewchange", this.view);
    }
  }

  /** Somebody looks back: stop following. */
  letGo() {
    if (this.following) this.follow(false);
  }

  toEdge() {
    const { end_ms } = this.whole;
    if (this.showsAll) {
      this.view = this.whole;
      return;
    }
    this.view = within({ start_ms: end_ms - spanOf(this.view), end_ms }, this.whole);
  }

  /** @param {EventJson | null} event @param {boolean} [reveal] whether the view may move to it */
  select(event, reveal = true) {
    this.selected = event;
    if (event && reveal && this.isOutside(event.at_ms)) {
      const half = spanOf(this.view) / 2;
      this.show({ start_ms: event.at_ms - half, end_ms: event.at_ms + half });
    }
    this.ask();
    this.read();
  }

  /** @param {number} at_ms */
  isOutside(at_ms) {
    const margin = spanOf(this.view) * MARGIN;
    return at_ms < this.view.start_ms + margin || at_ms > this.view.end_ms - margin;
  }

  /** @param {number | null} at_ms */
  hover(at_ms) {
    this.hovered_ms = at_ms;
    nextFrame(this.draw);
    this.read();
  }

  /** @param {number} at_ms @param {number} reach_ms @param {boolean} isTouch */
  pick(at_ms, reach_ms, isTouch) {
    const event = this.model?.nearestEvent(at_ms, reach_ms);
    if (isTouch) this.hovered_ms = null;
    if (event) this.say("pick", event);
  }

  /** @param {Pin[]} pins */
  setPins(pins) {
    this.pins?.set(pins);
    this.ask();
  }

  /** The moment being looked at: crosshair, selection, or the live edge. */
  read() {
    if (!this.model) return;
    const looked = this.hovered_ms ?? this.selected?.at_ms ?? null;
    const at_ms = looked ?? this.model.end_ms;
    const moment = this.model.stateAt(Math.min(at_ms, this.model.end_ms));
    const reading = {
      at_ms,
      isEdge: looked === null,
      missing: this.missing_ms > 0,
      duration_ms: this.duration_ms,
      isLiveStream: this.isLiveStream,
    };
    this.gutter?.show(this.model, { ...moment, known: at_ms >= this.model.start_ms && at_ms <= this.model.end_ms }, reading);
    this.say("read", { ...reading, moment });
  }

  /** Lanes and overlay in the next frame. */
  ask() {
    this.areLanesDirty = true;
    nextFrame(this.draw);
  }

  draw() {
    if (!this.model || !this.width) return;
    if (this.areLanesDirty) {
      this.areLanesDirty = false;
      if (this.isPictureOld()) this.drawLanes();
      this.drawMinimap();
    }
    this.drawOverlay();
  }

  /** Whether anything in the lanes would look different now; if so, it is remembered as drawn. */
  isPictureOld() {
    const { model, view, width, drawn } = this;
    if (!model) return false;
    const { timeline, events, end_ms } = model;
    const parts = [timeline, events, width, window.devicePixelRatio, tokens(), zoneNow(), this.missing_ms > 0, this.pins?.placed];
    const isSame =
      drawn?.parts.every((part, index) => part === parts[index]) &&
      isSamePlace(drawn.view, view, width) &&
      Math.abs(xOf(end_ms, view, width) - xOf(drawn.end_ms, view, width)) < SEEN_PX;
    if (!isSame) this.drawn = { parts, view, end_ms };
    return !isSame;
  }

  /** @param {HTMLCanvasElement} canvas @returns {Scene} */
  scene(canvas) {
    const { view, width } = this;
    const context = fitted(canvas, width, HEIGHT);
    context.textBaseline = "middle";
    return {
      context,
      model: /** @type {TimelineModel} */ (this.model),
      view,
      width,
      x: (at_ms) => xOf(at_ms, view, width),
      colors: tokens(),
      missing: this.missing_ms > 0,
      duration_ms: this.duration_ms,
      isLiveStream: this.isLiveStream,
    };
  }

  drawLanes() {
    if (!this.lanes) return;
    const scene = this.scene(this.lanes);
    drawGround(scene);
    drawPlayback(scene);
    drawAds(scene);
    drawSegments(scene);
    this.playheadAxis = drawPlayhead(scene);
    drawQuality(scene);
    drawEvents(scene);
    this.pins?.draw(scene);
    drawRuler(scene);
    drawPresent(scene);
  }

  drawMinimap() {
    if (!this.model) return;
    this.minimap?.draw(this.model, this.whole, this.view, this.width, tokens(), this.selected?.at_ms ?? null);
  }

  drawOverlay() {
    if (!this.overlay || !this.model) return;
    const scene = this.scene(this.overlay);
    if (this.selected) drawSelection(scene, this.selected.at_ms);
    if (this.hovered_ms !== null) drawCrosshair(scene, this.hovered_ms, this.playheadY(this.hovered_ms));
    this.placeChip(this.hovered_ms ?? this.selected?.at_ms ?? null);
  }

  /** @param {number} at_ms */
  playheadY(at_ms) {
    if (!this.model || !this.playheadAxis || at_ms > this.model.end_ms) return null;
    const position = shownPosition(this.model, this.isLiveStream, at_ms);
    return position === null ? null : this.playheadAxis.y(position);
  }

  /** @param {number | null} at_ms */
  placeChip(at_ms) {
    if (!this.chip || !this.model) return;
    const x = at_ms === null ? -1 : xOf(at_ms, this.view, this.width);
    this.chip.hidden = x < 0 || x > this.width;
    if (at_ms === null || this.chip.hidden) return;
    this.chip.style.left = `${Math.max(CHIP_HALF_PX, Math.min(this.width - CHIP_HALF_PX, x))}px`;
    setText(this.chip, `${clock(at_ms, 1)}  +${elapsed(at_ms - this.model.start_ms, true)}`);
  }

  /** @param {string} name @param {unknown} detail */
  say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Whether two views put every moment on the same pixel, as far as one can see. @param {View} one @param {View} other @param {number} width */
function isSamePlace(one, other, width) {
  return [other.start_ms, other.end_ms].every((at_ms) => Math.abs(xOf(at_ms, one, width) - xOf(at_ms, other, width)) < SEEN_PX);
}

customElements.define("media-timeline", MediaTimeline);
