/** JSON with colours, put together from text nodes: what a player sent is never read as markup. */

import { el } from "../lib/dom.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b/g;

/**
 * The pieces of a JSON text. Pure.
 * @param {string} json
 * @returns {{ look: "key" | "string" | "literal" | "", text: string }[]}
 */
export function pieces(json) {
  /** @type {{ look: "key" | "string" | "literal" | "", text: string }[]} */
  const found = [];
  let from = 0;
  for (const match of json.matchAll(TOKEN)) {
    if (match.index > from) found.push({ look: "", text: json.slice(from, match.index) });
    const [whole, quoted, colon] = match;
    if (quoted && colon) found.push({ look: "key", text: quoted }, { look: "", text: colon });
    else found.push({ look: quoted ? "string" : "literal", text: whole });
    from = match.index + whole.length;
  }
  if (from < json.length) found.push({ look: "", text: json.slice(from) });
  return found;
}

/** @param {unknown} value */
export function jsonView(value) {
  const parts = pieces(JSON.stringify(value, null, 2) ?? "null");
  const nodes = parts.map(({ look, text }) => (look ? el("span", { class: look }, text) : text));
  return el("pre", { class: "code", tabindex: 0 }, ...nodes);
}
