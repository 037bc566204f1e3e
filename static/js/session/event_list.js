/**
 * The event list: a grid of which only the rows in sight exist, sixty at most, however many events there are. It keeps
 * its scroll position when events come.
 *
 * Says: "choose" (detail: an event), "look" (detail: an event or null, for the crosshair).
 */

import { el, fill, setText } from "../lib/dom.js";
import { clock, elapsed, length } from "../lib/durations.js";
import { nextFrame } from "../lib/frame.js";
import { icon } from "../lib/icons.js";
import { detail } from "./event_words.js";
import { STATUS } from "./forwards.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */

const MOST_ROWS = 60;
const PHONE_WIDTH = 760;

export class EventList extends EventTarget {
  /**
   * @param {HTMLElement} grid role=grid with a header row, `.event-rows` inside
   * @param {import("./forwards.js").Forwards} forwards
   */
  constructor(grid, forwards) {
    super();
    this.grid = grid;
    this.forwards = forwards;
    this.rows = /** @type {HTMLElement} */ (grid.querySelector(".event-rows"));
    /** @type {readonly EventJson[]} */
    this.events = [];
    /** @type {EventJson | null} */
    this.selected = null;
    this.started_ms = 0;
    this.first = -1;
    this.drawn = "";
    this.draw = this.draw.bind(this);
    forwards.addEventListener("change", () => {
      this.drawn = "";
      nextFrame(this.draw);
    });
    grid.addEventListener("scroll", () => nextFrame(this.draw), { passive: true });
    this.rows.addEventListener("click", ({ target }) => this.say("choose", this.eventOf(target)));
    this.rows.addEventListener("pointerover", ({ target }) => this.say("look", this.eventOf(target)));
    this.rows.addEventListener("pointerleave", () => this.say("look", null));
  }

  get rowHeight() {
    return window.innerWidth <= PHONE_WIDTH ? 36 : 25;
  }

  /** @param {EventTarget | null} target */
  eventOf(target) {
    const row = target instanceof Element && target.closest("[data-index]");
    return row instanceof HTMLElement ? this.events[Number(row.dataset.index)] : null;
  }

  /** @param {readonly EventJson[]} events @param {number} started_ms */
  set(events, started_ms) {
    // The first rows came with the page: the lanes, which did not, are drawn before them.
    const isFirst = !this.events.length && !this.drawn;
    this.events = events;
    this.started_ms = started_ms;
    this.grid.setAttribute("aria-rowcount", String(events.length + 1));
    this.drawn = "";
    nextFrame(isFirst ? () => nextFrame(this.draw) : this.draw);
  }

  /** @param {EventJson | null} event @param {boolean} reveal */
  select(event, reveal) {
    // Until it is drawn the grid is too short to be scrolled to a later row.
    if (reveal && !this.drawn) this.draw();
    this.selected = event;
    this.drawn = "";
    const index = event ? this.events.indexOf(event) : -1;
    if (index >= 0 && reveal) this.reveal(index);
    nextFrame(this.draw);
  }

  /** @param {number} index */
  reveal(index) {
    const top = index * this.rowHeight;
    const room = this.grid.clientHeight - 2 * this.rowHeight;
    const { scrollTop } = this.grid;
    if (top < scrollTop || top > scrollTop + room) this.grid.scrollTop = Math.max(0, top - 2 * this.rowHeight);
  }

  draw() {
    const { rowHeight, events } = this;
    const first = Math.max(0, Math.min(Math.floor(this.grid.scrollTop / rowHeight) - 10, events.length - MOST_ROWS));
    const last = Math.min(events.length, first + MOST_ROWS);
    const drawn = `${first} ${last} ${events.length} ${rowHeight}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    if (window.innerWidth > PHONE_WIDTH) {
      this.forwards.want(events.slice(first, last).map(({ seq }) => seq), Date.now());
    }
    const rows = [];
    for (let index = first; index < last; index += 1) rows.push(this.row(events[index], index));
    fill(this.rows, ...(rows.length ? rows : [nothing()]));
    this.nameActive();
    this.rows.style.paddingTop = `${first * rowHeight}px`;
    this.rows.style.paddingBottom = `${(events.length - last) * rowHeight}px`;
  }

  /** Which row the grid's own keys are at, for those who hear the page. */
  nameActive() {
    const active = this.rows.querySelector("[aria-selected=true]");
    if (active) this.grid.setAttribute("aria-activedescendant", active.id);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  /** @param {EventJson} event @param {number} index */
  row(event, index) {
    const isSelected = event === this.selected;
    const lag = event.is_late ? `+${Math.round(event.delay_ms / 1000)} s late` : `+${length(Math.max(0, event.delay_ms))}`;
    const name = el("span", { role: "gridcell", class: "event-name" });
    const look = event.kind === "playhead" ? "ellipsis secondary" : "ellipsis strong";
    const shape = el("span", { class: `kind-${event.kind}` });
    shape.append(icon(event.kind));
    name.append(shape, el("span", { class: look }, event.name));
    return el(
      "div",
      { role: "row", id: `event-${event.seq}`, class: "event-row", "aria-selected": String(isSelected), "aria-rowindex": index + 2, "data-index": index },
      el("span", { role: "gridcell", class: "wide-only" }, clock(event.at_ms, 3)),
      el("span", { role: "gridcell", class: "quiet" }, `+${elapsed(event.at_ms - this.started_ms)}`),
      name,
      el("span", { role: "gridcell", class: "right" }, elapsed(event.playhead_position_ms, true)),
      el("span", { role: "gridcell", class: "ellipsis secondary wide-only" }, detail(event)),
      el("span", { role: "gridcell", class: `right wide-only ${event.is_late ? "text-warn strong" : "quiet"}` }, lag),
      this.forwarded(event.seq),
    );
  }

  /** @param {number} seq */
  forwarded(seq) {
    const status = this.forwards.of(seq);
    const cell = el("span", { role: "gridcell", class: "wide-only quiet" });
    if (status === undefined) return cell;
    if (status === null) {
      cell.textContent = "–";
      return cell;
    }
    const { icon: shape, look, word } = STATUS[status];
    cell.className = `wide-only ellipsis ${look}`;
    cell.append(icon(shape, "small"), ` ${word}`);
    return cell;
  }

  /** @param {string} name @param {EventJson | null} event */
  say(name, event) {
    if (name === "choose" && !event) return;
    this.dispatchEvent(new CustomEvent(name, { detail: event }));
  }
}

function nothing() {
  const empty = el("div", { class: "empty", role: "row" });
  const cell = el("span", { role: "gridcell" }, el("b", {}, "No event matches"));
  cell.append("Clear the filter, or turn off “In view only”.");
  empty.append(icon("filter"), cell);
  return empty;
}

/** The chips' numbers. @param {HTMLElement} chips @param {Record<string, number>} counts */
export function showCounts(chips, counts) {
  for (const chip of chips.querySelectorAll("[data-kind]")) {
    const count = counts[/** @type {HTMLElement} */ (chip).dataset.kind ?? ""] ?? 0;
    /** @type {HTMLElement} */ (chip).hidden = !count;
    setText(chip.querySelector("small"), count);
  }
}
