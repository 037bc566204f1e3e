/** A viewer's sessions by day and hour of the page's zone: one line a day, newest on top, a hatch above a bar that buffered. */

import { isPhone } from "../lib/dom.js";
import { day, length } from "../lib/durations.js";
import { tokens } from "../lib/theme.js";
import { dayStart, daysBetween, offsetAt } from "../lib/time_zone.js";
import { cross, fitted, hatch } from "../timeline/paint_bands.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOP = 22;

/** @typedef {{start_ms: number, end_ms: number, live: boolean, is_buffered: boolean, is_error: boolean,
 *   content_time_ms: number | null}} Visit */

/** @typedef {{pen: CanvasRenderingContext2D, width: number, line: number, left: number, right: number,
 *   at: (ms: number) => number, colours: Record<string, string>, narrow: boolean}} Ground */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{from_ms: number, to_ms: number, now_ms: number, visits: Visit[]}} history
 */
export function drawDayGrid(canvas, { from_ms, to_ms, now_ms, visits }) {
  const narrow = isPhone();
  const line = narrow ? 22 : 19;
  const width = canvas.clientWidth;
  const days = daysBetween(from_ms, Math.min(to_ms, now_ms + 1));
  const height = TOP + days.length * line;
  if (!width) return;
  canvas.style.height = `${height}px`;
  const [left, right] = narrow ? [50, 4] : [92, 84];
  const at = (/** @type {number} */ ms) => left + (ms / DAY_MS) * (width - left - right);
  /** @type {Ground} */
  const ground = { pen: fitted(canvas, width, height), width, line, left, right, at, colours: tokens(), narrow };
  ground.pen.textBaseline = "middle";
  drawHours(ground, height);
  const today_ms = dayStart(now_ms);
  for (const [back, start_of_day_ms] of days.entries()) {
    const of_day = visits.filter(({ start_ms, end_ms }) => end_ms >= start_of_day_ms && start_ms < start_of_day_ms + DAY_MS);
    drawDay(ground, start_of_day_ms, TOP + back * line, of_day, start_of_day_ms === today_ms);
  }
}

/** @param {Ground} ground @param {number} height */
function drawHours({ pen, at, colours, narrow }, height) {
  pen.font = `11px ${colours.sans}`;
  for (let hour = 0; hour <= 24; hour += narrow ? 6 : 2) {
    const x = Math.round(at(hour * HOUR_MS)) + 0.5;
    pen.fillStyle = colours["ink-3"];
    pen.textAlign = hour === 24 ? "right" : "center";
    pen.fillText(String(hour).padStart(2, "0"), x, 9);
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, 19);
    pen.lineTo(x, height);
    pen.stroke();
  }
}

/** @param {Ground} ground @param {number} from_ms @param {number} y @param {Visit[]} visits @param {boolean} isToday */
function drawDay(ground, from_ms, y, visits, isToday) {
  const { pen, width, line, colours, narrow, right } = ground;
  if (new Date(from_ms + offsetAt(from_ms)).getUTCDay() % 6 === 0) {
    pen.fillStyle = colours.inset;
    pen.globalAlpha = 0.6;
    pen.fillRect(0, y, width, line);
    pen.globalAlpha = 1;
  }
  pen.font = `${isToday ? 600 : 400} 11.5px ${colours.sans}`;
  pen.fillStyle = isToday ? colours.ink : colours["ink-2"];
  pen.textAlign = "left";
  pen.fillText(dayName(from_ms, isToday, narrow), 0, y + line / 2);
  if (!narrow) {
    const watched = visits.reduce((sum, one) => sum + (one.content_time_ms ?? one.end_ms - one.start_ms), 0);
    pen.font = `11.5px ${colours.sans}`;
    pen.textAlign = "right";
    pen.fillStyle = visits.length ? colours["ink-2"] : colours["ink-3"];
    pen.fillText(visits.length ? length(watched).replace(/ \d\d s$/, "") : "none", width, y + line / 2, right - 8);
  }
  for (const visit of visits) drawVisit(ground, visit, from_ms, y);
}

/** @param {Ground} ground @param {Visit} visit @param {number} from_ms @param {number} y */
function drawVisit({ pen, line, at, colours }, visit, from_ms, y) {
  const x = at(Math.max(0, visit.start_ms - from_ms));
  const wide = Math.max(4, at(Math.min(DAY_MS, visit.end_ms - from_ms)) - x);
  const bar = Math.round((line - 5) * 0.62);
  if (visit.is_buffered) {
    pen.fillStyle = hatch(pen, colours.buffering, colours["buffering-soft"], true);
    pen.fillRect(x, y + 2, wide, line - 5);
  }
  pen.fillStyle = colours.playing;
  pen.fillRect(x, y + line - 3 - bar, wide, bar);
  if (visit.live) {
    pen.fillStyle = colours.ink;
    pen.fillRect(x + wide, y + 1, 1.5, line - 3);
  }
  if (visit.is_error) cross(pen, x + wide + 8, y + line / 2, 3.2, colours.error);
}

/** @param {number} at_ms @param {boolean} isToday @param {boolean} narrow */
function dayName(at_ms, isToday, narrow) {
  if (narrow) return day(at_ms, { weekday: "short", day: "numeric" });
  if (isToday) return `Today ${day(at_ms, { day: "numeric", month: "short" })}`;
  return day(at_ms, { weekday: "short", day: "numeric", month: "short" }).replace(",", "");
}
