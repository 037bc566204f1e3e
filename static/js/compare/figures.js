/** The figures of two sessions beside each other. Pure words; sessions_app/web/compare_words.py says the same first. */

import { setText } from "../lib/dom.js";
import { UNKNOWN, count, length, megabits, percent } from "../lib/durations.js";

/** @typedef {{ name: string, label: string, unit: string, better: string }} Figure */
/** @typedef {{ a: string, b: string, difference: string, verdict: string }} Words */

/** @type {Record<string, (value: number | null | undefined) => string>} */
const SPELT = { length, count, percent: (ratio) => percent(ratio, 2), megabits };

/**
 * Both values and how far B is from A; the verdict says for whom that speaks, where it does.
 * @param {Figure} figure @param {number | null | undefined} a @param {number | null | undefined} b @returns {Words}
 */
export function figureWords({ unit, better }, a, b) {
  const spell = SPELT[unit];
  const words = { a: spell(a), b: spell(b), difference: UNKNOWN, verdict: "" };
  if (a === null || a === undefined || b === null || b === undefined) return words;
  if (words.a === words.b) return { ...words, difference: "same" };
  const isBetter = b < a === (better === "less");
  const verdict = better ? `B ${isBetter ? "better" : "worse"}` : "";
  return { ...words, difference: (b > a ? "+" : "−") + spell(Math.abs(b - a)), verdict };
}

/**
 * @param {HTMLElement} table @param {readonly Figure[]} figures
 * @param {Record<string, any>} a @param {Record<string, any>} b numbers by name
 */
export function showFigures(table, figures, a, b) {
  for (const figure of figures) {
    const row = table.querySelector(`[data-figure="${figure.name}"]`);
    const words = figureWords(figure, a[figure.name], b[figure.name]);
    for (const [part, text] of Object.entries(words)) setText(row?.querySelector(`[data-part="${part}"]`) ?? null, text);
    row?.classList.toggle("differs", words.verdict === "B worse");
  }
}
