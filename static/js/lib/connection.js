/** What the header says about the connection, and the bar that floats when it is gone. */

import { el, fill, maybe, setText } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {"connecting" | "live" | "reconnecting" | "polling" | "off" | "paused"} Connection */

/** @type {Record<Connection, string>} */
const WORDS = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  polling: "Polling",
  off: "Disconnected",
  paused: "Paused",
};

/**
 * @param {Connection} connection
 * @param {string} detail "0.4 s behind", "caught up to 14:14:51" …
 */
export function showConnection(connection, detail) {
  const shown = maybe("#connection");
  if (!shown) return;
  shown.dataset.connection = connection;
  // The detail ticks: only the state itself is worth announcing.
  setText(shown.querySelector("b"), WORDS[connection]);
  const small = shown.querySelector("small");
  small?.setAttribute("aria-hidden", "true");
  setText(small, detail);
}

/**
 * @param {Connection} connection
 * @param {string} headline
 * @param {string} words
 * @param {() => void} tryNow
 */
export function showConnectionBar(connection, headline, words, tryNow) {
  const bar = maybe("#connection-bar");
  if (!bar) return;
  // Said again only when it says something else: it is read out.
  if (!bar.hidden && bar.dataset.connection === connection && bar.dataset.words === headline + words) return;
  bar.hidden = false;
  bar.dataset.words = headline + words;
  bar.dataset.connection = connection;
  const again = el("button", { class: "button small", type: "button" }, "Try now");
  again.addEventListener("click", tryNow);
  const shape = connection === "off" ? "warn" : "refresh";
  fill(bar, icon(shape), el("span", { class: "grow" }, el("b", { class: "strong" }, headline), ` ${words}`), again);
}

export function hideConnectionBar() {
  const bar = maybe("#connection-bar");
  if (bar) bar.hidden = true;
}
