/** The list of sessions: the rows a reader asked for in the order they asked for, strips drawn where they are seen. */

import { drawStrip, TEN_MINUTES_MS } from "../charts/strip.js";
import { all, maybe, one, setText } from "../lib/dom.js";
import { count } from "../lib/durations.js";
import { tightestWords } from "./board_words.js";
import { fillRow, newRow } from "./row_view.js";

/** @typedef {import("./board_feed.js").BoardFeed} BoardFeed */

/** Lines in the document at first and with each "more". */
const WINDOW = 60;
/** The address of a session's page, with 0 in the place of its id. */
const ADDRESS = "/sessions/0/";

export class RowList {
  /** @param {BoardFeed} feed */
  constructor(feed) {
    this.feed = feed;
    this.box = one("#rows");
    this.template = /** @type {HTMLTemplateElement} */ (one("#row-template"));
    this.most = WINDOW;
    /** @type {Map<string, HTMLElement>} */
    this.lines = new Map(all(".session-row", this.box).map((line) => [line.dataset.id ?? "", line]));
    /** @type {Set<string>} */
    this.visible = new Set();
    this.drawn_at_ms = 0;
    this.watcher = new IntersectionObserver((seen) => this.#see(seen), { rootMargin: "200px" });
    this.more = one("#more-rows");
    this.more.addEventListener("click", () => {
      this.most += WINDOW;
      this.rebuild();
    });
  }

  /** Puts the lines in the feed's order; lines that stay are kept as they are. */
  rebuild() {
    const wanted = this.feed.shown.slice(0, this.most);
    const kept = new Set(wanted);
    for (const [id, line] of this.lines) {
      if (kept.has(id)) continue;
      this.watcher.unobserve(line);
      this.visible.delete(id);
      this.lines.delete(id);
      line.remove();
    }
    this.box.replaceChildren(...wanted.map((id) => this.#line(id)));
    for (const line of this.lines.values()) this.watcher.observe(line);
    const left = this.feed.shown.length - wanted.length;
    this.more.hidden = left <= 0;
    this.more.textContent = `Show ${count(Math.min(left, WINDOW))} more of ${count(this.feed.shown.length)}`;
  }

  /** @param {Set<string>} changed @param {number} now_ms */
  draw(changed, now_ms) {
    this.drawn_at_ms = now_ms;
    for (const id of changed) {
      const [line, row] = [this.lines.get(id), this.feed.rows.get(id)];
      if (!line || !row) continue;
      fillRow(line, row, this.feed.over.has(id));
      if (this.visible.has(id)) this.#strip(id, now_ms);
    }
    const isEmpty = !this.feed.shown.length;
    const { matched, total } = this.feed.sides;
    one("#no-match").hidden = !isEmpty || !total || matched > 0;
    one("#nobody").hidden = !isEmpty || total > 0;
    const hint = one("#no-match-hint");
    setText(hint, tightestWords(this.feed.sides.tightest, JSON.parse(hint.dataset.labels ?? "{}"), total));
  }

  /** @param {number} now_ms */
  drawStrips(now_ms) {
    this.drawn_at_ms = now_ms;
    for (const id of this.visible) this.#strip(id, now_ms);
  }

  /** @param {string} id */
  #line(id) {
    const known = this.lines.get(id);
    const row = this.feed.rows.get(id);
    if (known || !row) return known ?? "";
    const line = newRow(this.template, row, ADDRESS);
    fillRow(line, row, this.feed.over.has(id));
    this.lines.set(id, line);
    return line;
  }

  /** @param {string} id @param {number} now_ms */
  #strip(id, now_ms) {
    const row = this.feed.rows.get(id);
    const canvas = maybe("canvas", this.lines.get(id));
    if (!row || !(canvas instanceof HTMLCanvasElement)) return;
    const until_ms = row.live ? now_ms : row.last_at_ms;
    drawStrip(canvas, closed(row, until_ms), { from_ms: now_ms - TEN_MINUTES_MS, to_ms: now_ms });
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #see(seen) {
    for (const { target, isIntersecting } of seen) {
      const id = /** @type {HTMLElement} */ (target).dataset.id ?? "";
      if (!isIntersecting) this.visible.delete(id);
      else if (!this.visible.has(id)) {
        this.visible.add(id);
        this.#strip(id, this.drawn_at_ms);
      }
    }
  }
}

/**
 * The row's pieces with the open one drawn no further than is known.
 * @param {import("./board_words.js").Row} row
 * @param {number} until_ms
 */
function closed(row, until_ms) {
  const strip = row.strip.map(([state, start_ms, end_ms]) => /** @type {import("../timeline/bands.js").Piece} */ ([
    state, start_ms, end_ms ?? until_ms,
  ]));
  return { strip, errors: row.errors };
}
