/**
 * Mouse and touch on the plot and the minimap, turned into what they mean: zoom, pan, hover, pick, a new range.
 * One finger sideways pans and leaves scrolling to the page (touch-action: pan-y); two fingers zoom.
 */

import { SHORTEST_VIEW_MS, momentAt, moved, spanOf, xOf } from "./scale.js";

/** @typedef {import("./types.js").View} View */
/**
 * @typedef {{
 *   view: View, width: number, whole: View,
 *   show(view: View): void, zoom(factor: number, around_ms: number, from?: View): void, letGo(): void, hover(at_ms: number | null): void,
 *   pick(at_ms: number, reach_ms: number, isTouch: boolean): void, showAll(): void,
 * }} Track
 */

const MOVED_PX = 4;
const REACH_PX = 9;
const TOUCH_REACH_PX = 16;
const EDGE_PX = 7;

/** @param {HTMLElement} plot @param {Track} track */
export function bindPlot(plot, track) {
  new PlotGestures(plot, track);
}

class PlotGestures {
  /** @param {HTMLElement} plot @param {Track} track */
  constructor(plot, track) {
    this.plot = plot;
    this.track = track;
    /** @type {Map<number, PointerEvent>} */
    this.pointers = new Map();
    /** @type {{ x: number, view: View, moved: boolean } | null} */
    this.drag = null;
    /** @type {{ apart: number, view: View } | null} */
    this.pinch = null;
    /** What tapped last and waits for its click. @type {string | null} */
    this.tap = null;
    plot.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    plot.addEventListener("pointerdown", (event) => this.down(event));
    plot.addEventListener("pointermove", (event) => this.move(event));
    plot.addEventListener("pointerup", (event) => this.up(event));
    plot.addEventListener("pointercancel", (event) => this.up(event));
    plot.addEventListener("click", (event) => this.click(event));
    plot.addEventListener("pointerleave", () => !this.drag && track.hover(null));
    plot.addEventListener("dblclick", () => track.showAll());
  }

  /** @param {{ clientX: number }} event */
  x({ clientX }) {
    return clientX - this.plot.getBoundingClientRect().left;
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const { view, width } = this.track;
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isSideways) {
      const by_px = event.deltaX || event.deltaY;
      if (by_px < 0) this.track.letGo();
      this.track.show(moved(view, (by_px / width) * spanOf(view)));
    } else {
      this.track.zoom(Math.exp(event.deltaY * 0.0016), momentAt(this.x(event), view, width));
    }
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.target instanceof Element && event.target.closest("button")) return;
    this.pointers.set(event.pointerId, event);
    if (this.pointers.size === 2) {
      this.pinch = { apart: this.apart(), view: this.track.view };
      this.drag = null;
    } else {
      this.drag = { x: event.clientX, view: this.track.view, moved: false };
    }
  }

  /** How far two fingers are from each other, sideways. */
  apart() {
    const [one, other] = [...this.pointers.values()];
    return Math.max(12, Math.abs(one.clientX - other.clientX));
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.pointers.has(event.pointerId)) this.pointers.set(event.pointerId, event);
    if (this.pinch && this.pointers.size === 2) this.pinching();
    else if (this.drag) this.dragging(event);
    if (event.pointerType !== "touch") this.track.hover(momentAt(this.x(event), this.track.view, this.track.width));
  }

  pinching() {
    if (!this.pinch) return;
    const [one, other] = [...this.pointers.values()];
    const middle = this.x({ clientX: (one.clientX + other.clientX) / 2 });
    const around_ms = momentAt(middle, this.pinch.view, this.track.width);
    this.track.zoom(this.pinch.apart / this.apart(), around_ms, this.pinch.view);
  }

  /** @param {PointerEvent} event */
  dragging(event) {
    if (!this.drag) return;
    const by_px = event.clientX - this.drag.x;
    if (!this.drag.moved && Math.abs(by_px) > MOVED_PX) {
      this.drag.moved = true;
      this.plot.setPointerCapture(event.pointerId);
      this.plot.classList.add("dragging");
    }
    if (!this.drag.moved) return;
    if (by_px > 0) this.track.letGo();
    this.track.show(moved(this.drag.view, (-by_px / this.track.width) * spanOf(this.drag.view)));
  }

  /** @param {PointerEvent} event */
  up(event) {
    const wasTap = this.drag && !this.drag.moved && event.type === "pointerup";
    this.pointers.delete(event.pointerId);
    if (this.pointers.size < 2) this.pinch = null;
    this.plot.classList.remove("dragging");
    this.drag = null;
    this.tap = wasTap ? event.pointerType : null;
  }

  /**
   * The click after a tap, not the tap itself: what opens under a finger too early would get the click.
   * @param {MouseEvent} event
   */
  click(event) {
    if (this.tap === null) return;
    const { view, width } = this.track;
    const isTouch = this.tap === "touch";
    this.tap = null;
    const reach_ms = ((isTouch ? TOUCH_REACH_PX : REACH_PX) / width) * spanOf(view);
    this.track.pick(momentAt(this.x(event), view, width), reach_ms, isTouch);
  }
}

/**
 * Drag inside the brush moves it, an edge resizes it, outside draws a new range.
 * @param {HTMLCanvasElement} canvas @param {Track} track
 */
export function bindMinimap(canvas, track) {
  /** @type {{ part: "move" | "start" | "end" | "new", at_ms: number, view: View, x: number, moved: boolean } | null} */
  let held = null;
  /** @param {PointerEvent} event */
  const at = (event) => momentAt(event.clientX - canvas.getBoundingClientRect().left, track.whole, track.width);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held = { part: partUnder(event, canvas, track), at_ms: at(event), view: track.view, x: event.clientX, moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    // A click by a hand that is not quite still draws no range of two seconds.
    held.moved ||= Math.abs(event.clientX - held.x) > MOVED_PX;
    if (!held.moved) return;
    const by_ms = at(event) - held.at_ms;
    if (by_ms < 0) track.letGo();
    track.show(ranged(held, at(event), by_ms));
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (held = null));
}

/** @param {PointerEvent} event @param {HTMLCanvasElement} canvas @param {Track} track */
function partUnder(event, canvas, { view, whole, width }) {
  const x = event.clientX - canvas.getBoundingClientRect().left;
  const [left, right] = [xOf(view.start_ms, whole, width), xOf(view.end_ms, whole, width)];
  if (Math.abs(x - left) < EDGE_PX) return "start";
  if (Math.abs(x - right) < EDGE_PX) return "end";
  return x > left && x < right ? "move" : "new";
}

/**
 * @param {{ part: string, at_ms: number, view: View }} held @param {number} at_ms @param {number} by_ms
 * @returns {View}
 */
function ranged({ part, at_ms: from_ms, view }, at_ms, by_ms) {
  if (part === "move") return moved(view, by_ms);
  if (part === "start") return { start_ms: Math.min(at_ms, view.end_ms - SHORTEST_VIEW_MS), end_ms: view.end_ms };
  if (part === "end") return { start_ms: view.start_ms, end_ms: Math.max(at_ms, view.start_ms + SHORTEST_VIEW_MS) };
  return { start_ms: Math.min(from_ms, at_ms), end_ms: Math.max(from_ms, at_ms) };
}
