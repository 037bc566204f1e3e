/** Forms that act on chosen groups: says how much is chosen, and asks for the number before anything is discarded. */

import { all, maybe, setText } from "./dom.js";
import { count } from "./durations.js";

/**
 * The form has checkboxes with data-events, a #chosen line, a #discard button and the #discard-dialog.
 * Its first button says their number in [data-chosen-events].
 * @param {HTMLElement} form
 */
export function bindGroups(form) {
  const boxes = () => /** @type {HTMLInputElement[]} */ (all("input[name=group]", form));
  const chosen = () => boxes().filter((box) => box.checked);
  const events = () => chosen().reduce((sum, box) => sum + Number(box.dataset.events), 0);
  const dialog = maybe("dialog", form);
  const typed = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=count]"));
  const discard = /** @type {HTMLButtonElement | null} */ (maybe("#discard-now", form));

  function show() {
    const groups = chosen().length;
    setText(maybe("#chosen", form), groups ? `${groups} ${groups === 1 ? "group" : "groups"} selected` : "");
    setText(maybe("[data-chosen-events]", form), groups ? ` ${count(events())}` : "");
    setText(maybe("#discard-events", form), events());
    if (discard) discard.disabled = typed?.value.trim() !== String(events());
  }

  form.addEventListener("input", show);
  maybe("#discard", form)?.addEventListener("click", () => {
    if (!chosen().length) setText(maybe("#chosen", form), "Choose a group first.");
    else if (dialog instanceof HTMLDialogElement) dialog.showModal();
  });
  show();
}
