/** Light and dark, and the tokens of css/tokens.css as colours a canvas understands. */

import { nextFrame } from "./frame.js";

const NAMES = [
  "bg", "surface", "inset", "line", "line-2", "ink", "ink-2", "ink-3", "accent", "accent-soft", "accent-line",
  "series", "series-soft", "series-2", "playing", "playing-text", "playing-soft", "paused", "paused-text",
  "paused-soft", "buffering", "buffering-text", "buffering-soft", "seeking", "seeking-text", "seeking-soft", "ad",
  "ad-text", "ad-soft", "segment", "segment-text", "segment-soft", "error", "error-text", "error-soft", "no-signal",
];

/** @typedef {Record<string, string>} Tokens */

/** @type {Tokens | null} */
let known = null;

/** @type {Set<() => void>} */
const listeners = new Set();

/** Every token's colour in the theme of the moment. The same object until the theme changes. @returns {Tokens} */
export function tokens() {
  known ??= read();
  return known;
}

/** Calls `redraw` when colours or the size of the window have changed. @param {() => void} redraw */
export function onLookChange(redraw) {
  listeners.add(redraw);
}

/** @returns {"light" | "dark"} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Chooses the other theme and remembers it. */
export function toggleTheme() {
  const chosen = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem("theme", chosen);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
  changed();
}

/** `light-dark()` is only resolved on a real colour property, so the tokens are read through one. */
function read() {
  const probe = document.createElement("i");
  // Canvases keep their own colours when the system forces its own on everything else.
  probe.style.setProperty("forced-color-adjust", "none");
  document.documentElement.append(probe);
  const style = getComputedStyle(probe);
  /** @type {Tokens} */
  const found = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    found[name] = style.color;
  }
  found.sans = style.getPropertyValue("--sans").trim() || "sans-serif";
  probe.remove();
  return found;
}

function changed() {
  known = null;
  nextFrame(() => listeners.forEach((redraw) => redraw()));
}

if (typeof matchMedia === "function") {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  matchMedia("(forced-colors: active)").addEventListener("change", changed);
  window.addEventListener("resize", () => nextFrame(() => listeners.forEach((redraw) => redraw())));
  document.fonts?.ready.then(changed);
}
