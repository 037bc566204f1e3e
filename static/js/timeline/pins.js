/** Numbered pins of the findings on the ruler: buttons, at least 24 px apart, each with a stem to its true moment. */

import { el } from "../lib/dom.js";
import { spread } from "./scale.js";

/** @typedef {{ number: number, at_ms: number, look: string, text: string }} Pin */
/** @typedef {import("./lanes.js").Scene} Scene */

const APART_PX = 24;

export class Pins {
  /** @param {HTMLElement} root @param {(pin: Pin) => void} onPick */
  constructor(root, onPick) {
    this.root = root;
    this.onPick = onPick;
    /** @type {{ pin: Pin, button: HTMLElement }[]} */
    this.placed = [];
  }

  /** @param {Pin[]} pins */
  set(pins) {
    this.placed.forEach(({ button }) => button.remove());
    const ascending = [...pins].sort((one, other) => one.at_ms - other.at_ms);
    this.placed = ascending.map((pin) => ({ pin, button: this.button(pin) }));
  }

  /** @param {Pin} pin */
  button(pin) {
    const name = `Finding ${pin.number}: ${pin.text}`;
    const button = el("button", { type: "button", class: `pin ${pin.look}`, title: pin.text, "aria-label": name }, pin.number);
    button.addEventListener("click", () => this.onPick(pin));
    this.root.append(button);
    return button;
  }

  /** Moves the buttons and draws their stems. @param {Scene} scene */
  draw({ context, width, x, colors }) {
    const wanted = this.placed.map((placed) => ({ ...placed, at: x(placed.pin.at_ms) }));
    const seen = wanted.filter(({ at }) => at > -4 && at < width + 4);
    const places = spread(seen.map(({ at }) => at), APART_PX, width);
    for (const { button, at } of wanted) button.hidden = at <= -4 || at >= width + 4;
    context.strokeStyle = colors["ink-3"];
    context.lineWidth = 1;
    seen.forEach(({ button, at }, index) => {
      button.style.left = `${places[index]}px`;
      context.beginPath();
      context.moveTo(places[index], 16);
      context.lineTo(at, 36);
      context.stroke();
    });
  }
}
