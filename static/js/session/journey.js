/** An event's way from the device to a destination: a line with a stop for each known time, and how long each leg took. */

import { length } from "../lib/durations.js";

/** @typedef {{ name: string, at_ms: number | null }} Stop */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 340;
const MARGIN = 8;

/**
 * How long it took to each stop from the last one before it whose time is known; null where its own is not. Pure.
 * @param {readonly Stop[]} stops
 * @returns {(number | null)[]}
 */
export function legs(stops) {
  let before = stops[0].at_ms;
  return stops.slice(1).map(({ at_ms }) => {
    const leg = at_ms === null || before === null ? null : at_ms - before;
    before = at_ms ?? before;
    return leg;
  });
}

/** @param {readonly Stop[]} stops @param {boolean} isLate */
export function journey(stops, isLate) {
  const known = stops.filter(({ at_ms }) => at_ms !== null).map(({ name }) => name);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} 44`, role: "img", "aria-label": `Way of the event: ${known.join(", ")}`, class: "journey" });
  const apart = (WIDTH - 2 * MARGIN) / (stops.length - 1);
  legs(stops).forEach((leg, index) => drawLeg(svg, leg, MARGIN + index * apart, apart, isLate && index === 0));
  stops.forEach(({ name, at_ms }, index) => {
    const look = `stop${at_ms === null ? " unknown" : ""}${isLate && index === 1 ? " late" : ""}`;
    svg.append(make("circle", { cx: MARGIN + index * apart, cy: 20, r: 4, class: look }));
    svg.append(label(name, MARGIN + index * apart, index, stops.length));
  });
  return svg;
}

/** @param {Element} svg @param {number | null} leg @param {number} left @param {number} apart @param {boolean} isLate */
function drawLeg(svg, leg, left, apart, isLate) {
  const look = `leg${leg === null ? " unknown" : ""}${isLate ? " late" : ""}`;
  svg.append(make("line", { x1: left + 6, x2: left + apart - 6, y1: 20, y2: 20, class: look }));
  if (leg === null) return;
  const words = make("text", { x: left + apart / 2, y: 13, "text-anchor": "middle", class: `leg-words${isLate ? " late" : ""}` });
  words.textContent = `${leg < 0 ? "−" : "+"}${length(Math.abs(leg))}`;
  svg.append(words);
}

/** @param {string} name @param {number} x @param {number} index @param {number} count */
function label(name, x, index, count) {
  const anchor = index === 0 ? "start" : index === count - 1 ? "end" : "middle";
  const shift = index === 0 ? -6 : index === count - 1 ? 6 : 0;
  const words = make("text", { x: x + shift, y: 39, "text-anchor": anchor, class: "stop-words" });
  words.textContent = name;
  return words;
}

/** @param {string} tag @param {Record<string, string | number>} attributes */
function make(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
