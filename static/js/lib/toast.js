/** Short notices at the foot of the page, and copying with one. */

import { el } from "./dom.js";

const SHOWN_FOR_MS = 2600;

/** @param {string} words */
export function toast(words) {
  document.querySelector(".toast")?.remove();
  const notice = el("div", { class: "toast", role: "status" }, words);
  document.body.append(notice);
  setTimeout(() => notice.remove(), SHOWN_FOR_MS);
}

/**
 * Copies and says so, or says that it could not.
 * @param {string} text
 * @param {string} said
 */
export async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast(`Not copied: the browser refused. ${text}`);
  }
}
