/** Which events the list shows: kinds switched off, words typed, only what is in view. Pure. */

import { indexAt, momentOf } from "../timeline/spans.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */
/** @typedef {import("../timeline/types.js").View} View */

export class EventFilter {
  constructor() {
    /** @type {Set<string>} kinds that are switched off */
    this.off = new Set();
    this.words = "";
    /** @type {View | null} */
    this.view = null;
  }

  get isOpen() {
    return !this.off.size && !this.words && !this.view;
  }

  /** @param {string} kind */
  toggle(kind) {
    if (!this.off.delete(kind)) this.off.add(kind);
  }

  /** @param {readonly EventJson[]} events in order of time @returns {readonly EventJson[]} */
  apply(events) {
    if (this.isOpen) return events;
    const words = this.words.trim().toLowerCase();
    const inView = this.view ? within(events, this.view) : events;
    return inView.filter((event) => !this.off.has(event.kind) && (!words || says(event, words)));
  }
}

/** How many events there are of each kind. @param {readonly EventJson[]} events */
export function countKinds(events) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { kind } of events) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** @param {readonly EventJson[]} events @param {View} view */
function within(events, { start_ms, end_ms }) {
  return events.slice(indexAt(events, start_ms - 1, momentOf) + 1, indexAt(events, end_ms, momentOf) + 1);
}

/** @param {EventJson} event @param {string} words lower case */
function says({ name, attributes }, words) {
  if (name.toLowerCase().includes(words)) return true;
  return Object.entries(attributes).some(
    ([key, value]) => key.toLowerCase().includes(words) || String(value).toLowerCase().includes(words),
  );
}
