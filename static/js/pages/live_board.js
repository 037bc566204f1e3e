/** The live board: connects the feed with its socket, and the list and what stands beside it with the feed. */

import { hideConnectionBar, showConnection, showConnectionBar } from "../lib/connection.js";
import { all, maybe, one, pageData, setText } from "../lib/dom.js";
import { clock } from "../lib/durations.js";
import { nextFrame, tick } from "../lib/frame.js";
import { onKeys } from "../lib/keys.js";
import { onLookChange } from "../lib/theme.js";
import { BoardFeed } from "../live/board_feed.js";
import { BoardLink } from "../live/board_link.js";
import { lostWords } from "../live/board_words.js";
import { showPauseBar, showPauseButton, showSides, showWaiting } from "../live/board_sides.js";
import { RowList } from "../live/row_list.js";

const STRIPS_EVERY_MS = 1000;

const sort = /** @type {HTMLSelectElement} */ (one("#sort"));
const first = pageData("board");
const feed = new BoardFeed(first, sort.value);
const link = new BoardLink(feed, new URLSearchParams(location.search), first.as_of_ms);
const list = new RowList(feed);

/** The instant the picture shows, by the server's clock: it stands still while paused or cut off. */
const shown_ms = () => feed.paused_at_ms ?? link.now_ms();

/** @param {boolean} [again] also what has not changed */
function draw(again = false) {
  list.draw(feed.takeChanged(), shown_ms());
  showSides(feed.sides, new URLSearchParams(location.search), again);
  showWaiting(feed.isPaused ? 0 : feed.waiting.size);
  showStanding();
}

function showStanding() {
  const until = clock(feed.sides.as_of_ms);
  one("#main").classList.toggle("stale", link.connection === "off");
  showPauseButton(feed.isPaused);
  if (feed.isPaused) showPauseBar(feed, togglePause);
  else {
    const said = lostWords(link.connection, until, Date.now() - link.socket.lost_at_ms);
    if (said) showConnectionBar(link.connection, ...said, () => link.tryNow());
    else hideConnectionBar();
  }
  showConnection(link.connection, link.connection === "off" ? `since ${until}` : `caught up to ${until}`);
}

function togglePause() {
  if (feed.isPaused) feed.resume();
  else feed.pause(link.now_ms());
}

function showNew() {
  if (feed.isPaused) return;
  feed.showNew();
  window.scrollTo({ top: 0 });
}

/** @param {number} step */
function moveFocus(step) {
  const lines = all("#rows .session-row");
  const at = lines.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  lines[Math.max(0, Math.min(lines.length - 1, at + step))]?.focus();
}

function bindSort() {
  sort.addEventListener("change", () => {
    const query = new URLSearchParams(location.search);
    query.set("sort", sort.value);
    history.replaceState(null, "", `?${query}`);
    for (const filter of /** @type {HTMLAnchorElement[]} */ (all("#filters a[href^='?'], #by-state a"))) keepSort(filter);
    feed.showNew(sort.value);
  });
}

/** The filters the server drew lead to the order of now. @param {HTMLAnchorElement} filter */
function keepSort(filter) {
  const query = new URLSearchParams(filter.search);
  query.set("sort", sort.value);
  filter.search = String(query);
}

/** A filter's menu applies when it closes; without a script its button does. */
function bindFilters() {
  const form = /** @type {HTMLFormElement} */ (one("#filters"));
  for (const pick of /** @type {HTMLDetailsElement[]} */ (all("details.pick"))) {
    let isChanged = false;
    pick.addEventListener("change", () => {
      isChanged = true;
    });
    pick.addEventListener("toggle", () => {
      if (!pick.open && isChanged) form.requestSubmit();
    });
  }
}

function bindKeys() {
  onKeys({
    " ": ({ target }) => {
      if (target instanceof Element && target.closest("button, a, summary, select, input")) return false;
      togglePause();
    },
    j: () => moveFocus(1),
    k: () => moveFocus(-1),
    ".": showNew,
  });
}

/** The strips and the clock move on even when nothing comes. */
function move() {
  if (link.connection !== "off") list.drawStrips(shown_ms());
  const isNow = !feed.isPaused && (link.connection === "live" || link.connection === "polling");
  setText(maybe("#strip-end"), isNow ? "now" : clock(shown_ms()));
  // The minutes since are told.
  if (link.connection === "off") showStanding();
}

const drawSoon = () => draw();
feed.addEventListener("change", () => nextFrame(drawSoon));
feed.addEventListener("list", () => {
  list.rebuild();
  nextFrame(drawSoon);
});
link.addEventListener("connection", showStanding);
link.addEventListener("refused", () => location.reload());
one("#pause").addEventListener("click", togglePause);
for (const pill of all("[data-show-new]")) pill.addEventListener("click", showNew);
bindSort();
bindFilters();
bindKeys();
onLookChange(() => {
  list.drawStrips(shown_ms());
  draw(true);
});
list.rebuild();
draw(true);
tick(move, STRIPS_EVERY_MS);
link.open();
