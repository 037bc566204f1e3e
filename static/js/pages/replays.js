/** Replays: the list moves while something runs; what was just asked for says when it can be watched. */

import { el, fill, maybe, one, setText } from "../lib/dom.js";
import { icon } from "../lib/icons.js";

const ASK_EVERY_MS = 1000;

const list = one("#replays");

async function follow() {
  try {
    const answer = await fetch(list.dataset.progress ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { list: drawn, is_busy } = await answer.json();
    show(drawn);
    if (!is_busy) return;
  } catch {
    if (!list.querySelector(".stale-note")) list.prepend(staleNote());
  }
  setTimeout(follow, ASK_EVERY_MS);
}

/** What has the focus keeps it, though everything around it is new. @param {string} drawn */
function show(drawn) {
  const focused = document.activeElement?.id;
  const wasReady = maybe(".replay-new", list)?.dataset.ready;
  const page = new DOMParser().parseFromString(drawn, "text/html");
  list.replaceChildren(...page.body.childNodes);
  if (focused) maybe(`#${CSS.escape(focused)}`, list)?.focus();
  const isReady = maybe(".replay-new", list)?.dataset.ready;
  if (isReady && !wasReady) setText(one("#say"), "The replay can be watched live now.");
}

function staleNote() {
  const note = el("p", { class: "note panel stale-note" });
  fill(note, icon("warn", "medium"), el("span", {}, "Could not refresh. Showing the last known state; asking again."));
  return note;
}

if (list.dataset.busy) setTimeout(follow, ASK_EVERY_MS);
