/** Behaviour of the shell on every page: theme, keys and their list, menus, tabs, copy buttons. */

import { all, maybe } from "../lib/dom.js";
import { setIcon } from "../lib/icons.js";
import { areSingleKeysOn, onKeys, turnSingleKeys } from "../lib/keys.js";
import { onLookChange, theme, toggleTheme } from "../lib/theme.js";
import { copy } from "../lib/toast.js";
import { Typeahead } from "../lib/typeahead.js";

const GO_WITHIN_MS = 900;

function showTheme() {
  const button = maybe("#theme-button");
  const next = theme() === "dark" ? "light" : "dark";
  button?.setAttribute("aria-label", `Use ${next} theme`);
  setIcon(button?.querySelector("svg"), next === "light" ? "sun" : "moon");
}

function bindTheme() {
  maybe("#theme-button")?.addEventListener("click", toggleTheme);
  onLookChange(showTheme);
  showTheme();
}

function showKeys() {
  const dialog = document.getElementById("keys-dialog");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

function bindDialogs() {
  maybe("#help-button")?.addEventListener("click", showKeys);
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const dialog = target.closest("dialog");
    if (dialog && (target === dialog || target.closest("[data-close]"))) dialog.close();
  });
}

function search() {
  const field = document.getElementById("global-search");
  if (!(field instanceof HTMLInputElement)) return false;
  if (field.offsetParent) field.focus();
  else field.form?.submit();
}

function bindTypeaheads() {
  for (const field of all("input[data-suggest]")) if (field instanceof HTMLInputElement) new Typeahead(field);
}

function bindKeys() {
  let goAt = -Infinity;
  /** @param {KeyboardEvent} event */
  const go = (event) => {
    if (event.timeStamp - goAt > GO_WITHIN_MS || !areSingleKeysOn()) return;
    const place = document.querySelector(`.nav [data-go="${CSS.escape(event.key.toLowerCase())}"]`);
    goAt = -Infinity;
    if (!(place instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    location.assign(place.href);
  };
  document.addEventListener("keydown", go, true);
  onKeys({
    "/": search,
    "?": showKeys,
    t: toggleTheme,
    g: (event) => {
      goAt = event.timeStamp;
    },
  });
}

function bindPreferences() {
  const box = document.getElementById("single-keys");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = areSingleKeysOn();
  box.addEventListener("change", () => turnSingleKeys(box.checked));
}

/** An open menu closes on Escape, on a click elsewhere, and when another opens. */
function bindMenus() {
  const open = () => /** @type {HTMLDetailsElement[]} */ (all("details.menu[open]"));
  document.addEventListener("click", ({ target }) => {
    for (const menu of open()) if (!(target instanceof Node && menu.contains(target))) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.preventDefault();
    }
  }, true);
}

/** @param {HTMLElement} tab */
function chooseTab(tab) {
  const list = tab.closest("[role=tablist]");
  for (const other of all("[role=tab]", list ?? document)) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
    if (panel && !("shared" in panel.dataset)) panel.hidden = other !== tab;
  }
  list?.dispatchEvent(new CustomEvent("tabchange", { detail: tab.dataset.tab, bubbles: true }));
}

function bindTabs() {
  document.addEventListener("click", ({ target }) => {
    const tab = target instanceof Element && target.closest("[role=tab]");
    if (tab instanceof HTMLElement) chooseTab(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target instanceof Element && event.target.closest("[role=tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    const tabs = all("[role=tab]", tab.closest("[role=tablist]") ?? document);
    const next = tabs[(tabs.indexOf(/** @type {HTMLElement} */ (tab)) + step + tabs.length) % tabs.length];
    event.preventDefault();
    event.stopPropagation();
    chooseTab(next);
    next.focus();
  }, true);
}

/** Buttons that copy a text of their own, or what an element shows. */
function bindCopies() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("[data-copy], [data-copy-of]");
    if (!(button instanceof HTMLElement)) return;
    const { copy: text, copyOf: id, said } = button.dataset;
    copy(text ?? document.getElementById(id ?? "")?.textContent ?? "", said ?? "Copied");
  });
}

bindTheme();
bindDialogs();
bindKeys();
bindPreferences();
bindMenus();
bindTabs();
bindTypeaheads();
bindCopies();
