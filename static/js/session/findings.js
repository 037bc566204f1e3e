/** What happened: a sentence for each finding, linked to its moment, with the same number as its pin on the ruler. */

import { el, fill, setText } from "../lib/dom.js";
import { elapsed } from "../lib/durations.js";

/** @typedef {import("../timeline/types.js").Finding} Finding */
/** @typedef {import("../timeline/pins.js").Pin} Pin */

const MOST = 8;

/** Which colour a finding's number has, by what it is about. */
const LOOKS = /** @type {const} */ ([
  [/error|fail/, "error"],
  [/ad_|^ad|ads/, "ad"],
  [/seek|jump/, "seeking"],
  [/buffer|late|bitrate|drop|slow/, "buffering"],
]);

/** @param {string} kind */
export function lookOf(kind) {
  return LOOKS.find(([pattern]) => pattern.test(kind))?.[1] ?? "plain";
}

/** In the order they happened, numbered; at most eight. Pure. @param {readonly Finding[]} findings @returns {(Pin & { hasMoment: boolean })[]} */
export function numbered(findings) {
  const chosen = findings.slice(0, MOST);
  const ordered = [...chosen].sort((one, other) => (one.at_ms ?? Infinity) - (other.at_ms ?? Infinity));
  return ordered.map(({ kind, at_ms, text }, index) => ({
    number: index + 1,
    at_ms: at_ms ?? 0,
    hasMoment: at_ms !== null && at_ms !== undefined,
    look: lookOf(kind),
    text,
  }));
}

/**
 * @param {HTMLElement} root @param {ReturnType<typeof numbered>} findings @param {number} started_ms
 * @param {(pin: Pin) => void} onPick
 */
export function showFindings(root, findings, started_ms, onPick) {
  const list = root.querySelector("ol");
  if (!list) return;
  const count = findings.length;
  setText(root.querySelector("small"), count ? `${count} finding${count === 1 ? "" : "s"}` : "nothing unusual");
  fill(list, ...findings.map((finding) => el("li", {}, button(finding, started_ms, onPick))));
  const more = root.querySelector(".show-more");
  if (more instanceof HTMLElement) {
    more.hidden = count <= 3 || root.classList.contains("all");
    setText(more, `Show ${count - 2} more`);
  }
}

/** @param {ReturnType<typeof numbered>[number]} finding @param {number} started_ms @param {(pin: Pin) => void} onPick */
function button(finding, started_ms, onPick) {
  const { number, look, text, at_ms, hasMoment } = finding;
  const moment = hasMoment ? el("span", { class: "finding-moment" }, elapsed(at_ms - started_ms)) : null;
  const made = el(
    "button", { type: "button", class: "finding", disabled: !hasMoment },
    el("i", { class: `pin ${look}` }, number), el("span", {}, text, moment ? " " : null, moment),
  );
  made.addEventListener("click", () => onPick(finding));
  return made;
}
