/** Exports: the estimate 400 ms after the last change, and lists that move while something runs. */

import { all, el, fill, one, setText } from "../lib/dom.js";
import { icon } from "../lib/icons.js";

const ESTIMATE_AFTER_MS = 400;
const ASK_EVERY_MS = 1000;

/** Its field called "dataset" hides the property of that name. */
const form = /** @type {HTMLFormElement} */ (one("#export-form"));
const lists = one("#lists");
const estimate = one("#estimate");
/** @type {number | undefined} */
let timer;
let asked = 0;

const boxes = () => /** @type {HTMLInputElement[]} */ (all("#columns input"));

function showCounts() {
  const chosen = boxes().filter((box) => box.checked).length;
  setText(one("#column-count"), `${chosen} of ${boxes().length}`);
  const format = form.querySelector("[name=format]:checked");
  setText(one("#format-note"), format instanceof HTMLElement ? format.dataset.note ?? "" : "");
}

async function estimateNow() {
  const question = (asked += 1);
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (name !== "csrfmiddlewaretoken") fields.append(name, String(value));
  }
  try {
    const answer = await fetch(`${form.getAttribute("data-estimate")}?${fields}`, { headers: { Accept: "application/json" } });
    const expected = await answer.json();
    if (question === asked) showEstimate(expected);
  } catch {
    if (question === asked) showEstimate({ error: "The estimate did not arrive. The export can be started all the same." });
  }
}

/** @param {{words?: Record<string, string>, blocked?: string | null, error?: unknown}} expected */
function showEstimate({ words, blocked, error }) {
  setText(estimate.querySelector("[data-rows]"), words?.rows ?? "–");
  setText(estimate.querySelector("[data-rows-hint]"), words?.rows_hint ?? "rows");
  setText(estimate.querySelector("[data-bytes]"), words?.bytes ?? "–");
  setText(estimate.querySelector("[data-seconds]"), words?.seconds ?? "–");
  const why = blocked ?? (words ? null : String(error));
  const line = one("[data-blocked]", estimate);
  line.hidden = !why;
  estimate.classList.toggle("is-blocked", Boolean(why));
  setText(line, why ?? "");
  /** @type {HTMLButtonElement} */ (one("#start-export")).disabled = Boolean(blocked);
}

function estimateSoon() {
  showCounts();
  clearTimeout(timer);
  timer = window.setTimeout(estimateNow, ESTIMATE_AFTER_MS);
}

/** Another dataset has other columns: the server draws its form. */
function reload() {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!["csrfmiddlewaretoken", "columns", "every"].includes(name) && value) fields.append(name, String(value));
  }
  location.assign(`${form.getAttribute("action")}?${fields}`);
}

async function followProgress() {
  try {
    const answer = await fetch(lists.dataset.progress ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { lists: drawn, is_busy } = await answer.json();
    const page = new DOMParser().parseFromString(drawn, "text/html");
    lists.replaceChildren(...page.body.childNodes);
    if (!is_busy) return;
  } catch {
    if (!one("#lists").querySelector(".stale-note")) lists.prepend(staleNote());
  }
  setTimeout(followProgress, ASK_EVERY_MS);
}

function staleNote() {
  const words = el("span", {}, "Could not refresh. Showing the last known state; asking again.");
  const note = el("p", { class: "note panel stale-note" });
  fill(note, icon("warn", "medium"), words);
  return note;
}

form.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.name === "dataset") reload();
  else estimateSoon();
});
form.addEventListener("click", ({ target }) => {
  const wish = target instanceof HTMLElement ? target.dataset.columns : undefined;
  if (!wish) return;
  for (const box of boxes()) box.checked = wish === "all";
  estimateSoon();
});
showCounts();
estimateNow();
if (lists.dataset.busy) setTimeout(followProgress, ASK_EVERY_MS);
