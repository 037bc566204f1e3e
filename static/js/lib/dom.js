/** Small helpers around the document. Text from players goes in by `textContent`, here and everywhere. */

/**
 * The one element a page cannot do without.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function one(selector, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}`);
  return found;
}

/**
 * An element that may be missing.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement | null}
 */
export function maybe(selector, root = document) {
  const found = root.querySelector(selector);
  return found instanceof HTMLElement ? found : null;
}

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement[]}
 */
export function all(selector, root = document) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
}

/**
 * A new element: `el("dd", { class: "hint" }, "7.9 s")`. Attributes that are null, undefined or false are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...kept(children));
  return made;
}

/**
 * Puts new children in the place of the old ones.
 * @param {Element} parent
 * @param {...(Node | string | number | null | undefined | false)} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...kept(children));
}

/**
 * Sets the text only when it differs, so that a figure that did not change causes no layout.
 * @param {Element | null} element
 * @param {string | number} text
 */
export function setText(element, text) {
  const words = String(text);
  if (element && element.textContent !== words) element.textContent = words;
}

/** The JSON a page carries in `<script type="application/json" id=…>`; null without it. @param {string} id */
export function pageData(id) {
  const holder = document.getElementById(id);
  return holder?.textContent ? JSON.parse(holder.textContent) : null;
}

/** Whether the page is laid out for a phone (tokens: breakpoint 760 px). */
export function isPhone() {
  return window.innerWidth <= 760;
}

/** @param {(Node | string | number | null | undefined | false)[]} children */
function kept(children) {
  const given = children.filter((child) => child !== null && child !== undefined && child !== false);
  return given.map((child) => (child instanceof Node ? child : String(child)));
}
