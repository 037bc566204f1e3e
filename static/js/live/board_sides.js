/** Everything on the board beside the list: figures, counts by state, titles, the pause bar. */

import { drawSparkline } from "../charts/sparkline.js";
import { all, el, fill, maybe, one, setText } from "../lib/dom.js";
import { clock, count } from "../lib/durations.js";
import { icon } from "../lib/icons.js";
import { figureWords, titleUnder, waitingWords } from "./board_words.js";

/** @typedef {import("./board_feed.js").BoardFrame} BoardFrame */
/** @typedef {import("./board_feed.js").BoardFeed} BoardFeed */
/** @typedef {import("./board_words.js").Title} Title */

/** What the pictures were last drawn from: numbers that did not change are left alone. */
/** @type {Title[] | null} */
let drawnTitles = null;
/** @type {Record<string, any> | null} */
let drawnFigures = null;

/**
 * @param {BoardFrame} sides
 * @param {URLSearchParams} query
 * @param {boolean} [again] also what has not changed
 */
export function showSides(sides, query, again = false) {
  setText(maybe("#matched"), `${count(sides.matched)} of ${count(sides.total)}`);
  setText(maybe("#no-match-total"), count(sides.total));
  showFigures(sides.figures);
  showStates(sides.by_state);
  if (again || drawnTitles !== sides.titles) showTitles(sides.titles, query);
  if (again || drawnFigures !== sides.figures) drawFigures(sides.figures);
  drawnTitles = sides.titles;
  drawnFigures = sides.figures;
}

/** @param {Record<string, any>} figures */
function showFigures(figures) {
  for (const [key, words] of Object.entries(figureWords(figures))) {
    const figure = maybe(`[data-figure="${key}"]`);
    if (!figure) continue;
    setText(figure.querySelector("[data-value]"), words.value);
    setText(figure.querySelector("[data-unit]"), words.unit);
    setText(figure.querySelector("[data-hint]"), words.hint);
  }
}

/** @param {Record<string, any>} figures */
function drawFigures(figures) {
  for (const canvas of all("#figures canvas")) {
    const series = figures[canvas.dataset.series ?? ""];
    if (series) drawSparkline(/** @type {HTMLCanvasElement} */ (canvas), series, { height: 28 });
  }
}

/** @param {Record<string, number>} by_state */
function showStates(by_state) {
  const most = Math.max(1, ...Object.values(by_state));
  for (const line of all("#by-state a")) {
    const sessions = by_state[line.dataset.state ?? ""] ?? 0;
    setText(line.querySelector("[data-count]"), count(sessions));
    line.hidden = line.dataset.state === "starting" && !sessions && !line.hasAttribute("aria-current");
    const bar = line.querySelector("progress");
    if (bar) [bar.max, bar.value] = [most, sessions];
  }
}

/** @param {Title[]} titles @param {URLSearchParams} query */
function showTitles(titles, query) {
  const box = one("#titles");
  const template = /** @type {HTMLTemplateElement} */ (one("#title-template"));
  while (box.children.length > titles.length) box.lastElementChild?.remove();
  titles.forEach((title, at) => {
    const line = box.children[at] ?? template.content.firstElementChild?.cloneNode(true);
    if (!line.parentNode) box.append(line);
    fillTitle(/** @type {HTMLElement} */ (line), title, at + 1, query);
  });
  one("#titles-empty").hidden = titles.length > 0;
}

/** @param {HTMLElement} line @param {Title} title @param {number} rank @param {URLSearchParams} query */
function fillTitle(line, title, rank, query) {
  const link = /** @type {HTMLAnchorElement} */ (one("a", line));
  const { under, rough } = titleUnder(title);
  fillTitleLink(link, title.content_id ?? "", query);
  setText(link.querySelector("[data-rank]"), rank);
  setText(link.querySelector("[data-name]"), title.content_title || title.content_id || "untitled");
  const below = one("[data-under]", link);
  setText(below, under);
  below.classList.toggle("text-warn", rough);
  below.classList.toggle("strong", rough);
  setText(link.querySelector("[data-viewers]"), count(title.viewers));
  drawSparkline(/** @type {HTMLCanvasElement} */ (one("canvas", link)), title.viewers_30min, { height: 22 });
}

/** A click filters by the title, another lets go. @param {HTMLElement} link @param {string} content_id @param {URLSearchParams} query */
function fillTitleLink(link, content_id, query) {
  const isChosen = query.getAll("content").join() === content_id && query.has("content");
  const filtered = new URLSearchParams(query);
  if (isChosen) filtered.delete("content");
  else filtered.set("content", content_id);
  const address = `?${filtered}`;
  if (link.getAttribute("href") !== address) link.setAttribute("href", address);
  if (isChosen) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

/**
 * The bar that says which instant is shown and what waits; also the button's word.
 * @param {BoardFeed} feed
 * @param {() => void} resume
 */
export function showPauseBar(feed, resume) {
  const bar = one("#connection-bar");
  const { sessions, changes } = feed.heldBack;
  const waits = waitingWords(sessions, changes);
  const button = el("button", { class: "button small primary", type: "button" }, "Resume");
  button.addEventListener("click", resume);
  bar.hidden = false;
  bar.dataset.connection = "paused";
  const words = el("span", { class: "grow" }, el("b", { class: "strong" }, `Feed paused at ${clock(feed.paused_at_ms)}.`), ` ${waits}`);
  fill(bar, icon("pause", "medium"), words, button);
}

/** @param {boolean} isPaused */
export function showPauseButton(isPaused) {
  const button = one("#pause");
  button.setAttribute("aria-pressed", String(isPaused));
  setText(button.querySelector("span"), isPaused ? "Resume feed" : "Pause feed");
}

/** How many sessions wait to be shown. @param {number} waiting */
export function showWaiting(waiting) {
  for (const pill of all("[data-show-new]")) {
    pill.hidden = !waiting;
    setText(pill.querySelector("span"), `${count(waiting)} new`);
  }
}
