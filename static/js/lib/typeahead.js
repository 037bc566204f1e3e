/**
 * Proposals under a search field, as a combobox: arrows choose, Enter opens or searches, Escape closes. Nothing is
 * chosen until somebody chooses, so Enter searches for what was typed.
 */

import { el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {{kind: "title" | "session", words: string, under: string, url: string}} Proposal */

const WAIT_MS = 180;
const SHORTEST = 3;
const ICONS = { title: "table", session: "session" };

export class Typeahead {
  /** @param {HTMLInputElement} field with data-suggest: the address that proposes; data-enter: what Enter does */
  constructor(field) {
    this.field = field;
    this.address = field.dataset.suggest ?? "";
    this.at = -1;
    /** @type {Proposal[]} */
    this.proposals = [];
    this.asked = 0;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.list = el("div", { id: `${field.id}-proposals`, role: "listbox", "aria-label": "Proposals" });
    this.foot = el("p", { class: "proposals-foot" }, field.dataset.enter);
    this.box = el("div", { class: "popover left proposals", hidden: true }, this.list, this.foot);
    (field.form ?? field.parentElement)?.append(this.box);
    const marks = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(marks)) field.setAttribute(name, value);
    field.addEventListener("input", () => this.wait());
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
    // A press must not take the focus away before it becomes a click.
    this.box.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  wait() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.ask(this.field.value.trim()), WAIT_MS);
  }

  /** @param {string} text */
  async ask(text) {
    this.asked += 1;
    const turn = this.asked;
    if (text.length < SHORTEST) {
      this.close();
      return;
    }
    try {
      const answer = await fetch(`${this.address}?${new URLSearchParams({ q: text })}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const { results } = await answer.json();
      if (turn === this.asked && document.activeElement === this.field) this.show(results, text);
    } catch {
      // Proposals are a convenience: Enter searches without them.
      this.close();
    }
  }

  /** @param {Proposal[]} proposals @param {string} text */
  show(proposals, text) {
    this.proposals = proposals;
    this.at = -1;
    fill(this.list, ...proposals.map((proposal, at) => this.line(proposal, at, text)));
    this.list.hidden = !proposals.length;
    this.open(true);
    this.mark();
  }

  /** @param {Proposal} proposal @param {number} at @param {string} text */
  line({ kind, words, under, url }, at, text) {
    const line = el("a", { class: "result", role: "option", id: `${this.list.id}-${at}`, href: url, tabindex: -1 },
      el("span", { class: "quiet" }, icon(ICONS[kind])),
      el("span", { class: "ellipsis" },
        el("span", { class: kind === "session" ? "mono" : "strong" }, ...highlighted(words, text)), el("small", {}, under)),
      el("span", { class: "quiet" }, kind));
    line.addEventListener("pointermove", () => this.choose(at));
    return line;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !this.box.hidden) {
      this.close();
      event.preventDefault();
      event.stopPropagation();
    } else if (this.box.hidden) return;
    else if (step && this.proposals.length) {
      event.preventDefault();
      event.stopPropagation();
      const places = this.proposals.length + 1;
      this.choose(((this.at + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      location.assign(this.proposals[this.at].url);
    }
  }

  /** @param {number} at -1: what was typed */
  choose(at) {
    this.at = at;
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((line, at) => line.setAttribute("aria-selected", String(at === this.at)));
    if (this.at < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  close() {
    window.clearTimeout(this.timer);
    this.open(false);
    this.at = -1;
    this.mark();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.box.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", String(isOpen));
  }
}

/** The words with what was typed made visible. @param {string} words @param {string} text */
function highlighted(words, text) {
  const from = words.toLowerCase().indexOf(text.toLowerCase());
  if (from < 0) return [words];
  const until = from + text.length;
  return [words.slice(0, from), el("mark", {}, words.slice(from, until)), words.slice(until)];
}
