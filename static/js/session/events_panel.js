/**
 * The Events tab: chips of kinds, words to filter by, the list. Steps through events follow what is shown here.
 *
 * Says: "choose" and "look", as its list does.
 */

import { el, fill } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { EventFilter, countKinds } from "./event_filter.js";
import { EventList, showCounts } from "./event_list.js";
import { KINDS } from "./event_words.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */
/** @typedef {import("../timeline/types.js").View} View */
/** @typedef {import("../timeline/model.js").TimelineModel} TimelineModel */

export class EventsPanel extends EventTarget {
  /**
   * @param {HTMLElement} panel @param {{ filter: HTMLElement | null, inView: HTMLElement | null }} controls
   * @param {import("./forwards.js").Forwards} forwards
   */
  constructor(panel, { filter, inView }, forwards) {
    super();
    this.filter = new EventFilter();
    this.list = new EventList(/** @type {HTMLElement} */ (panel.querySelector(".event-grid")), forwards);
    this.chips = /** @type {HTMLElement} */ (panel.querySelector(".chips"));
    this.inView = inView instanceof HTMLInputElement ? inView : null;
    /** @type {TimelineModel | null} */
    this.model = null;
    /** @type {View | null} */
    this.view = null;
    fill(this.chips, ...KINDS.map(([kind, label]) => this.chip(kind, label)));
    filter?.addEventListener("input", () => {
      this.filter.words = /** @type {HTMLInputElement} */ (filter).value;
      this.refresh();
    });
    this.inView?.addEventListener("change", () => this.setView(this.view));
    for (const name of ["choose", "look"]) {
      this.list.addEventListener(name, (event) => {
        this.dispatchEvent(new CustomEvent(name, { detail: /** @type {CustomEvent} */ (event).detail }));
      });
    }
  }

  /** @param {string} kind @param {string} label */
  chip(kind, label) {
    const shape = el("span", { class: `kind-${kind}` });
    shape.append(icon(kind));
    const chip = el("button", { type: "button", class: "chip", "data-kind": kind, "aria-pressed": "true" }, shape, label, " ", el("small"));
    chip.addEventListener("click", () => {
      this.filter.toggle(kind);
      chip.setAttribute("aria-pressed", String(!this.filter.off.has(kind)));
      this.refresh();
    });
    return chip;
  }

  /** @param {TimelineModel} model @param {EventJson | null} selected */
  show(model, selected) {
    this.model = model;
    this.list.selected = selected;
    showCounts(this.chips, countKinds(model.events));
    this.refresh();
  }

  refresh() {
    if (this.model) this.list.set(this.shown(this.model), this.model.start_ms);
  }

  /** @param {TimelineModel} model */
  shown(model) {
    return this.filter.apply(model.events);
  }

  /** @param {View | null} view */
  setView(view) {
    this.view = view;
    const wanted = this.inView?.checked ? view : null;
    if (!wanted && !this.filter.view) return;
    this.filter.view = wanted;
    this.refresh();
  }

  /** @param {EventJson | null} event @param {boolean} reveal */
  select(event, reveal) {
    this.list.select(event, reveal);
  }
}
