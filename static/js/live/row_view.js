/** A session's line on the board, filled into the markup the server drew (templates/live/_row.html). */

import { el, fill, one, setText } from "../lib/dom.js";
import { icon, setIcon } from "../lib/icons.js";
import { marks, rowWords, STATE_TITLES } from "./board_words.js";

/** @typedef {import("./board_words.js").Row} Row */

/**
 * An empty line for a session.
 * @param {HTMLTemplateElement} template
 * @param {Row} row
 * @param {string} address pattern with 0 in the place of the id
 */
export function newRow(template, row, address) {
  const line = /** @type {HTMLAnchorElement} */ (template.content.firstElementChild?.cloneNode(true));
  line.dataset.id = row.id;
  line.href = address.replace("/0/", `/${row.id}/`);
  return line;
}

/**
 * Says what the row says now; touches only what differs.
 * @param {HTMLElement} line
 * @param {Row} row
 * @param {boolean} isOver
 */
export function fillRow(line, row, isOver) {
  const words = rowWords(row);
  line.classList.toggle("over", isOver);
  fillState(one(".badge", line), row.state);
  fillPair(one(".cell-title", line), words.title, words.under);
  setText(line.querySelector(".cell-viewer .mono:last-child"), row.mpid_masked);
  setIcon(line.querySelector(".cell-device svg"), words.device_icon);
  fillPair(one(".cell-device > .ellipsis", line), words.device, words.player);
  fillPair(one(".cell-playhead", line), words.playhead, words.playhead_under);
  fillHealth(one(".cell-health", line), row);
  const strip = one("canvas", line);
  const name = `Last 10 minutes, now ${(STATE_TITLES[row.state] ?? row.state).toLowerCase()}`;
  if (strip.getAttribute("aria-label") !== name) strip.setAttribute("aria-label", name);
}

/** @param {HTMLElement} badge @param {string} state */
function fillState(badge, state) {
  if (badge.dataset.state === state) return;
  badge.dataset.state = state;
  setIcon(badge.querySelector("svg"), state);
  setText(badge.querySelector("span"), STATE_TITLES[state] ?? state);
}

/** The two lines of a cell. @param {HTMLElement} cell @param {string} upper @param {string} lower */
function fillPair(cell, upper, lower) {
  setText(cell.firstElementChild, upper);
  setText(cell.lastElementChild, lower);
}

/** @param {HTMLElement} cell @param {Row} row */
function fillHealth(cell, row) {
  const wanted = marks(row.health);
  const key = wanted.map((mark) => mark.icon + mark.words).join("|");
  if (cell.dataset.key === key) return;
  cell.dataset.key = key;
  const made = wanted.map(({ icon: name, words, tone, title }) =>
    el("span", { class: `mark ${tone}`, title }, icon(name, "small"), el("span", { class: "visually-hidden" }, `${title} `), words));
  fill(cell, ...made);
}
