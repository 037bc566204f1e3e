/**
 * Single keys. They do nothing in a field, with a modifier, or while a dialog is open; the account menu turns the
 * letters off altogether.
 */

const STORED_AS = "single-keys";

/** Whether letters, digits and signs act at all. */
export function areSingleKeysOn() {
  try {
    return localStorage.getItem(STORED_AS) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
export function turnSingleKeys(on) {
  try {
    localStorage.setItem(STORED_AS, on ? "on" : "off");
  } catch {
    // Storage is blocked: the keys stay as they are.
  }
}

/**
 * Binds keys to actions: `onKeys({ "/": search, "Shift+ArrowLeft": panLeft })`. Letters match in either case. An
 * action that returns false leaves the key to the browser.
 * @param {Record<string, (event: KeyboardEvent) => unknown>} actions
 * @param {EventTarget} [target]
 */
export function onKeys(actions, target = document) {
  target.addEventListener("keydown", (given) => {
    const event = /** @type {KeyboardEvent} */ (given);
    if (event.defaultPrevented || isElsewhere(event)) return;
    const action = actions[nameOf(event)];
    if (!action || (event.key.length === 1 && !areSingleKeysOn())) return;
    if (action(event) !== false) event.preventDefault();
  });
}

/** @param {KeyboardEvent} event */
function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && event.key.length > 1 ? `Shift+${key}` : key;
}

/** @param {KeyboardEvent} event */
function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (document.querySelector("dialog[open]")) return true;
  const at = event.target;
  return at instanceof Element && at.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}
