/**
 * The live board kept current without moving what is being read. Pure: no document, no socket.
 *
 * Rows change in place. New sessions wait, counted, until the reader asks for them; ended ones stay, greyed, until
 * then. Where nothing is shown, nothing is being read: sessions enter an empty list, and one just drawn, at once. While paused nothing changes at all: what came is kept and applied on resume. A hole in the numbers of the
 * frames means that something was lost: the feed says "hole", and whoever owns the socket resumes.
 */

import { sorted } from "./board_words.js";

/** @typedef {import("./board_words.js").Row} Row */
/** @typedef {import("./board_words.js").Title} Title */

/**
 * @typedef {{type: "board", seq: number, reset: boolean, as_of_ms: number, upsert: Row[], ended: string[],
 *   gone: string[], figures: Record<string, any>, by_state: Record<string, number>, titles: Title[], total: number,
 *   matched: number, tightest?: {name: string, matched: number} | null}} BoardFrame
 */

/** A page is drawn from a picture up to a second old; what the line then says within this long completes the drawing. */
const SAME_DRAWING_MS = 3000;

export class BoardFeed extends EventTarget {
  /** @param {BoardFrame} first what the page was drawn from @param {string} sort */
  constructor(first, sort) {
    super();
    this.sort = sort;
    this.seq = first.seq;
    this.drawn_at_ms = first.as_of_ms;
    this.isDrawn = false;
    this.sides = first;
    /** @type {Map<string, Row>} */
    this.rows = new Map(first.upsert.map((row) => [row.id, row]));
    /** @type {string[]} ids in the order they stand on the page */
    this.shown = sorted(first.upsert, sort).map((row) => row.id);
    /** @type {Set<string>} new sessions nobody asked to see yet */
    this.waiting = new Set();
    /** @type {Set<string>} over, or no longer matching the filters: greyed until the list is made anew */
    this.over = new Set();
    /** @type {Set<string>} rows to draw again */
    this.changed = new Set();
    /** @type {number | null} */
    this.paused_at_ms = null;
    /** @type {BoardFrame[]} */
    this.held = [];
  }

  get isPaused() {
    return this.paused_at_ms !== null;
  }

  /** How much waits while the feed is paused. */
  get heldBack() {
    const fresh = new Set();
    let changes = 0;
    for (const frame of this.held) {
      changes += frame.upsert.length + frame.ended.length;
      for (const row of frame.upsert) if (!this.rows.has(row.id)) fresh.add(row.id);
    }
    return { sessions: fresh.size, changes };
  }

  /** @param {BoardFrame} frame */
  receive(frame) {
    if (!frame.reset && frame.seq <= this.seq) return;
    if (!frame.reset && frame.seq !== this.seq + 1) {
      this.dispatchEvent(new Event("hole"));
      return;
    }
    this.seq = frame.seq;
    if (this.isPaused) this.#hold(frame);
    else this.#apply(frame);
    this.dispatchEvent(new Event("change"));
    this.#complete(frame);
  }

  /** Stops the picture at one instant. @param {number} now_ms by the server's clock */
  pause(now_ms) {
    if (this.isPaused) return;
    this.paused_at_ms = now_ms;
    this.dispatchEvent(new Event("change"));
  }

  resume() {
    const held = this.held;
    this.held = [];
    this.paused_at_ms = null;
    for (const frame of held) this.#apply(frame);
    this.dispatchEvent(new Event("change"));
  }

  /** Makes the list anew: what waited comes in, what is over leaves, in the chosen order. @param {string} [sort] */
  showNew(sort = this.sort) {
    this.sort = sort;
    for (const id of this.over) this.rows.delete(id);
    this.over.clear();
    this.waiting.clear();
    this.shown = sorted([...this.rows.values()], sort).map((row) => row.id);
    this.changed = new Set(this.shown);
    this.dispatchEvent(new Event("list"));
  }

  /** The rows to draw again since the last call. */
  takeChanged() {
    const taken = this.changed;
    this.changed = new Set();
    return taken;
  }

  /** What nobody can be reading yet need not wait to be asked for. @param {BoardFrame} frame */
  #complete(frame) {
    const isBeingDrawn = !this.isDrawn && frame.as_of_ms - this.drawn_at_ms <= SAME_DRAWING_MS;
    this.isDrawn = true;
    if (!this.isPaused && this.waiting.size && (isBeingDrawn || !this.shown.length)) this.showNew();
  }

  /** A frame with everything makes those before it needless. @param {BoardFrame} frame */
  #hold(frame) {
    if (frame.reset) this.held = [];
    this.held.push(frame);
  }

  /** @param {BoardFrame} frame */
  #apply(frame) {
    // Between two countings a frame brings rows only.
    this.sides = { ...this.sides, ...frame };
    if (frame.reset && frame.upsert.length >= frame.matched) this.#forgetUnless(new Set(frame.upsert.map((row) => row.id)), frame);
    for (const row of frame.upsert) this.#put(row);
    for (const id of [...frame.ended, ...frame.gone]) this.#leave(id);
  }

  /** @param {Row} row */
  #put(row) {
    const known = this.rows.get(row.id);
    if (known && row.version < known.version) return;
    this.rows.set(row.id, row);
    if (!known) this.waiting.add(row.id);
    else this.changed.add(row.id);
    if (row.live) this.over.delete(row.id);
    else this.#leave(row.id);
  }

  /** A row that leaves keeps its place; one that nobody saw is simply forgotten. @param {string} id */
  #leave(id) {
    if (this.waiting.delete(id)) this.rows.delete(id);
    else if (this.rows.has(id)) {
      this.over.add(id);
      this.changed.add(id);
    }
  }

  /** Where every live session is shown, one that is missing has ended. @param {Set<string>} present @param {BoardFrame} frame */
  #forgetUnless(present, { matched, total }) {
    for (const [id, row] of [...this.rows]) {
      if (present.has(id)) continue;
      if (matched === total) this.rows.set(id, { ...row, live: false, state: "ended" });
      this.#leave(id);
    }
  }
}
