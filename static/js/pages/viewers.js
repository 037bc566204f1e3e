/** Viewers: the grid and strips of one viewer, hiding a reveal when its time is over, keys in the results. */

import { drawDayGrid } from "../charts/day_grid.js";
import { drawStrip, TEN_MINUTES_MS } from "../charts/strip.js";
import { all, maybe, pageData } from "../lib/dom.js";
import { onLookChange } from "../lib/theme.js";
import { ZoneChoice } from "../lib/zone_choice.js";

const history = pageData("history-data");

function draw() {
  const grid = maybe("#history");
  if (grid instanceof HTMLCanvasElement) drawDayGrid(grid, history);
  for (const visit of history?.visits ?? []) {
    const canvas = maybe(`canvas[data-visit="${CSS.escape(visit.id)}"]`);
    const to_ms = visit.live ? history.now_ms : visit.end_ms;
    if (canvas instanceof HTMLCanvasElement) drawStrip(canvas, visit, { from_ms: to_ms - TEN_MINUTES_MS, to_ms });
  }
}

/** What was revealed must not stay on the screen any longer than allowed. */
function hideInTime() {
  const until_ms = Date.parse(maybe("#revealed")?.dataset.until ?? "");
  if (Number.isFinite(until_ms)) setTimeout(() => location.replace(location.pathname + location.search), Math.max(0, until_ms - Date.now()));
}

/** Arrows walk from the search field through the results. @param {KeyboardEvent} event */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [maybe("#viewer-search"), ...all("#results a.result")];
  const at = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (!step || at < 0) return;
  event.preventDefault();
  stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus();
}

/** On a phone the history comes before the rest of the card. */
function foldCard() {
  const more = document.querySelector("details.more-about");
  if (more instanceof HTMLDetailsElement) more.open = !matchMedia("(max-width: 760px)").matches;
}

document.addEventListener("keydown", walk);
foldCard();
onLookChange(draw);
if (history) new ZoneChoice({ device_offset_ms: history.offset_ms, at_ms: history.now_ms, changed: draw }).bind();
draw();
hideInTime();
