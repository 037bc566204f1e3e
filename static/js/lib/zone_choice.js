/**
 * The reader's choice of time zone: UTC, here, or where the player's or viewer's device is. It is remembered, and everything the
 * page says again is said in it; what the server drew once is said again here.
 */

import { all, setText } from "./dom.js";
import { clock, day, dayClock, moment } from "./durations.js";
import { LOCAL, UTC, deviceZone, fieldText, momentOf, useZone, zoneNow, zoneWords } from "./time_zone.js";

/** @typedef {import("./time_zone.js").Zone} Zone */

const STORED_AS = "time-zone";

export class ZoneChoice {
  /** @param {{ device_offset_ms: number | null, at_ms: number, changed: () => void }} page `at_ms`: whose offset names a zone */
  constructor({ device_offset_ms, at_ms, changed }) {
    this.at_ms = at_ms;
    this.changed = changed;
    /** @type {Zone[]} */
    this.zones = [UTC, LOCAL, ...(device_offset_ms === null ? [] : [deviceZone(device_offset_ms)])];
  }

  bind() {
    for (const button of all("[data-zone]")) {
      button.addEventListener("click", () => {
        this.choose(button.dataset.zone ?? "");
        const menu = button.closest("details");
        if (menu) menu.open = false;
        menu?.querySelector("summary")?.focus();
      });
    }
    for (const zone of this.zones) {
      for (const words of all(`[data-zone-of="${zone.name}"]`)) setText(words, this.describe(zone));
    }
    for (const form of /** @type {HTMLFormElement[]} */ (all("form.look-form"))) form.addEventListener("submit", () => askInMs(form));
    this.use(remembered());
  }

  /** @param {string} name */
  choose(name) {
    try {
      localStorage.setItem(STORED_AS, name);
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
    this.use(name);
    this.changed();
  }

  /** @param {string} name of a zone; one that this session does not have is UTC */
  use(name) {
    const fields = [...document.querySelectorAll(".look-form input[type=datetime-local]")].map((field) => /** @type {HTMLInputElement} */ (field));
    const asked = fields.map(({ value }) => momentOf(value));
    useZone(this.zones.find((zone) => zone.name === name) ?? UTC);
    // A moment that was typed stays that moment.
    fields.forEach((field, index) => {
      const at_ms = asked[index];
      if (at_ms !== null) field.value = fieldText(at_ms);
    });
    for (const button of all("[data-zone]")) button.setAttribute("aria-pressed", String(button.dataset.zone === zoneNow().name));
    for (const words of all("[data-zone-words]")) setText(words, zoneWords(this.at_ms));
    for (const time of /** @type {HTMLTimeElement[]} */ (all("time[datetime]"))) setText(time, timeWords(time));
  }

  /** @param {Zone} zone */
  describe(zone) {
    const words = zoneWords(this.at_ms, zone);
    return zone.name === "local" ? `${Intl.DateTimeFormat().resolvedOptions().timeZone}, ${words}` : words;
  }
}

/** @param {HTMLTimeElement} time */
function timeWords({ dateTime, dataset }) {
  const at_ms = Date.parse(dateTime);
  if (Number.isNaN(at_ms)) return "–";
  if (dataset.words === "moment") return moment(at_ms, Date.now());
  return dataset.words === "long" ? `${day(at_ms, { day: "numeric", month: "short", year: "numeric" })} ${clock(at_ms, 3)}` : dayClock(at_ms);
}

/** The server takes ms; the fields hold the clock of the chosen zone. @param {HTMLFormElement} form */
function askInMs(form) {
  for (const field of form.querySelectorAll("input")) {
    const at_ms = momentOf(field.value);
    if (at_ms === null) continue;
    field.type = "hidden";
    field.name = `${field.name}_ms`;
    field.value = String(at_ms);
  }
}

function remembered() {
  try {
    return localStorage.getItem(STORED_AS) ?? "utc";
  } catch {
    return "utc";
  }
}
