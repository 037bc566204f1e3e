/** First run: asks every two seconds what came and what was refused; becomes the board on the first session. */

import { all, one, setText } from "../lib/dom.js";
import { count, length } from "../lib/durations.js";

/** @typedef {{id: number, minute: string, status: number, reason: string, times: number, input: string | null}} Refusal */
/** @typedef {{board_url: string | null, received: number, stored: number, quarantined: number, refused: Refusal[]}} State */

const ASK_EVERY_MS = 2000;

const page = one("#listening");
const since_ms = Date.parse(page.dataset.since ?? "") || Date.now();

/** @param {State} state */
function show({ received, stored, quarantined, refused }) {
  const waited = length(Math.max(1000, Date.now() - since_ms));
  setText(one("#heard"), received
    ? `${count(received)} events came, ${count(stored)} stored, ${count(quarantined)} in quarantine; none began a media session yet.`
    : `No accepted event in ${waited}.`);
  showRefused(refused);
}

/** @param {Refusal[]} refused */
function showRefused(refused) {
  const box = one("#refused");
  const template = /** @type {HTMLTemplateElement} */ (one("#refusal-template"));
  const known = new Map(all("[data-id]", box).map((line) => [line.dataset.id, line]));
  const lines = refused.map((refusal) => {
    const made = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const line = known.get(String(refusal.id)) ?? made;
    line.dataset.id = String(refusal.id);
    setText(line.querySelector("[data-times]"), `${count(refusal.times)} request${refusal.times === 1 ? "" : "s"}`);
    setText(line.querySelector("[data-minute]"), refusal.minute.slice(11, 16));
    setText(line.querySelector("[data-status]"), refusal.status);
    setText(line.querySelector("[data-reason]"), refusal.reason);
    setText(line.querySelector("[data-input]"), refusal.input ? `by ${refusal.input}` : "");
    return line;
  });
  box.replaceChildren(...lines);
}

async function ask() {
  try {
    const answer = await fetch(page.dataset.state ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = /** @type {State} */ (await answer.json());
    if (state.board_url) {
      location.assign(state.board_url);
      return;
    }
    show(state);
  } catch {
    setText(one("#heard"), "The server does not answer; asking again.");
  }
  setTimeout(ask, ASK_EVERY_MS);
}

setTimeout(ask, ASK_EVERY_MS);
