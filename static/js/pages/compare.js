/** Two sessions on one time axis: finds the parts and connects them. */

import { Pair } from "../compare/pair.js";
import { Side } from "../compare/side.js";
import { showFigures } from "../compare/figures.js";
import { apartWords, placeWords, sideWords } from "../compare/moment_words.js";
import { showConnection } from "../lib/connection.js";
import { all, one, pageData, setText } from "../lib/dom.js";
import { tick } from "../lib/frame.js";
import { onKeys } from "../lib/keys.js";
import { moved, spanOf } from "../timeline/scale.js";

/** @typedef {import("../compare/alignment.js").Alignment} Alignment */
/** @typedef {import("../lib/connection.js").Connection} Connection */

const MOVE_EVERY_MS = 100;
const REFRESH_EVERY_MS = 1000;
const LOOK_AROUND_MS = 150_000;
/** What the header says is the worst of both. @type {readonly Connection[]} */
const WORST_FIRST = ["off", "reconnecting", "connecting", "polling", "live"];

class ComparePage {
  constructor() {
    const { sides, figures } = pageData("compare-data");
    this.figures = figures;
    this.a = new Side("a", sides.a);
    this.b = new Side("b", sides.b);
    this.pair = new Pair(this.a.timeline, this.b.timeline, this.asked);
    this.isNew = false;
  }

  get sides() {
    return [this.a, this.b];
  }

  /** @returns {Alignment} */
  get asked() {
    return /** @type {Alignment} */ (one("#align [aria-current]").dataset.align);
  }

  start() {
    for (const side of this.sides) this.bind(side);
    this.pair.align(this.asked);
    this.pair.addEventListener("look", (event) => this.showMoment(/** @type {CustomEvent} */ (event).detail));
    this.pair.look(null, null);
    one("#align").addEventListener("click", (event) => this.align(event));
    for (const button of all("[data-zoom]")) button.addEventListener("click", () => this.pair.zoom(Number(button.dataset.zoom)));
    one("#show-all").addEventListener("click", () => this.pair.showAll());
    this.bindKeys();
    tick(() => this.move(), MOVE_EVERY_MS);
    tick(() => this.refresh(), REFRESH_EVERY_MS);
  }

  /** @param {Side} side */
  bind(side) {
    side.addEventListener("change", () => {
      this.isNew = true;
      this.pair.grow();
    });
    side.addEventListener("connection", () => this.showConnection());
    side.addEventListener("refused", () => showConnection("off", "reload the page"));
    side.addEventListener("pinpick", (event) => {
      const pin = /** @type {CustomEvent} */ (event).detail;
      this.pair.centre(side.timeline, pin.at_ms, LOOK_AROUND_MS);
      setText(one("#say"), `Finding ${pin.number} of ${side.name.toUpperCase()}: ${pin.text}`);
    });
    side.start();
  }

  bindKeys() {
    onKeys({
      "[": () => this.pair.zoom(1.5),
      "]": () => this.pair.zoom(1 / 1.5),
      0: () => this.pair.showAll(),
      "Shift+ArrowLeft": () => this.pair.pan(-0.2),
      "Shift+ArrowRight": () => this.pair.pan(0.2),
    });
  }

  /** Without leaving the page: the zoom stays around the same moment of A. @param {Event} event */
  align(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey))) return;
    event.preventDefault();
    for (const other of all("#align a")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    history.replaceState(null, "", link.href);
    const { view } = this.a.timeline;
    const { showsAll } = this.pair;
    this.pair.align(this.asked);
    if (!showsAll && spanOf(view) > 0) this.pair.show(moved(view, 0), false);
    this.pair.look(null, null);
  }

  move() {
    if (!this.sides.some((side) => side.model.live && side.link)) return;
    for (const side of this.sides) side.move();
    this.pair.grow();
  }

  refresh() {
    for (const side of this.sides) side.refresh();
    if (!this.isNew) return;
    this.isNew = false;
    showFigures(one("#figures"), this.figures, this.a.feed.session.numbers, this.b.feed.session.numbers);
    if (this.a.timeline.hovered_ms === null) this.pair.look(null, null);
  }

  showConnection() {
    const found = this.sides.map((side) => side.link?.connection).filter(Boolean);
    const worst = WORST_FIRST.find((connection) => found.includes(connection));
    document.body.classList.toggle("stale", worst === "off");
    if (worst) showConnection(worst, found.length === 2 ? "both sessions" : "one session");
  }

  /** @param {{ a_ms: number, b_ms: number, isHovered: boolean }} look */
  showMoment({ a_ms, b_ms, isHovered }) {
    const [a, b] = this.pair.models;
    setText(one("#place"), isHovered ? placeWords(this.pair.alignment, a, a_ms) : "Latest of each");
    setText(one("#moment-a"), sideWords(a, a_ms));
    setText(one("#moment-b"), sideWords(b, b_ms));
    setText(one("#apart"), apartWords(a, a_ms, b, b_ms));
  }
}

new ComparePage().start();
