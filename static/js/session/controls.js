/** Buttons and keys of the session page: each does one thing that the page knows how to do. */

import { all, maybe, one } from "../lib/dom.js";
import { onKeys } from "../lib/keys.js";
import { fieldText } from "../lib/time_zone.js";

/** @typedef {import("./page_types.js").Page} Page */

/** @param {Page} page */
export function bindControls(page) {
  bindTimelineBar(page);
  bindLookBack(page);
  bindTables(page);
  one("#copy-link").addEventListener("click", () => page.copyLink());
  document.addEventListener("click", ({ target }) => {
    const asked = target instanceof Element && target.closest("[data-metric]");
    if (asked instanceof HTMLElement) page.explain.open(asked.dataset.metric ?? "");
  });
  maybe(".show-more")?.addEventListener("click", () => {
    one("#findings").classList.add("all");
    one(".show-more").hidden = true;
  });
}

/** @param {Page} page */
function bindTimelineBar({ timeline }) {
  one("#follow").addEventListener("click", () => timeline.follow(!timeline.following));
  for (const button of all("[data-zoom]")) {
    button.addEventListener("click", () => timeline.zoom(Number(button.dataset.zoom)));
  }
  for (const button of all("[data-span]")) {
    const span_ms = Number(button.dataset.span);
    button.addEventListener("click", () => (span_ms ? timeline.showSpan(span_ms) : timeline.showAll()));
  }
}

/** Whoever asks to look back with an event open most likely means that moment, unless they typed another. @param {Page} page */
function bindLookBack(page) {
  for (const menu of all("details:has(.look-form)")) {
    const field = menu.querySelector("[name=as_of]");
    if (!(field instanceof HTMLInputElement)) continue;
    let isTyped = false;
    field.addEventListener("input", () => (isTyped = Boolean(field.value)));
    menu.addEventListener("toggle", () => {
      if (page.selected && !isTyped) field.value = fieldText(page.selected.at_ms);
    });
  }
}

/** Tabs; hovering a row moves the crosshair. @param {Page} page */
function bindTables(page) {
  one("#table-tabs").addEventListener("tabchange", (event) => {
    page.pane = /** @type {CustomEvent} */ (event).detail;
    for (const part of all("#event-filter, .in-view")) part.hidden = page.pane !== "events";
    page.showPane();
  });
  const tables = one("#tables");
  tables.addEventListener("pointerover", ({ target }) => {
    const row = target instanceof Element && target.closest("[data-at]");
    if (row instanceof HTMLElement) page.timeline.hover(Number(row.dataset.at));
  });
  tables.addEventListener("pointerleave", () => page.timeline.hover(null));
}

/** @param {Page} page */
export function bindKeys(page) {
  const { timeline } = page;
  onKeys({
    ArrowRight: () => page.step(1),
    ArrowLeft: () => page.step(-1),
    "Shift+ArrowRight": () => timeline.pan(0.2),
    "Shift+ArrowLeft": () => timeline.pan(-0.2),
    "[": () => timeline.zoom(1.5),
    "]": () => timeline.zoom(0.667),
    0: () => timeline.showAll(),
    f: () => timeline.follow(!timeline.following),
    c: () => page.copyLink(),
    n: () => page.stepFinding(1),
    p: () => page.stepFinding(-1),
    Escape: () => page.select(null),
  });
  onKeys({ ArrowDown: () => page.step(1), ArrowUp: () => page.step(-1) }, one("#event-grid"));
}
