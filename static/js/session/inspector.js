/**
 * The inspector: one event with its attributes, its raw JSON, where it was forwarded, and its way here. What is not in
 * the event itself is asked of the server when it is looked at.
 */

import { el, fill } from "../lib/dom.js";
import { clock, elapsed, length } from "../lib/durations.js";
import { icon } from "../lib/icons.js";
import { zoneWords } from "../lib/time_zone.js";
import { copy } from "../lib/toast.js";
import { groups, hint, shown } from "./event_words.js";
import { STATUS } from "./forwards.js";
import { journey } from "./journey.js";
import { jsonView } from "./json_view.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */
/**
 * @typedef {{ raw: unknown, sent_attributes: Record<string, unknown> | null, stored_at_ms: number | null,
 *   deliveries: { destination: string, status: string, words: string, finished_at_ms: number | null }[] }} Origin
 * @typedef {{ event: EventJson, before: EventJson | null, number: number, count: number, started_ms: number,
 *   shown_at_ms: number | null }} Inspected
 */

const TABS = /** @type {const} */ ([["attributes", "Attributes"], ["raw", "Raw JSON"], ["forwarding", "Forwarding"]]);

export class Inspector {
  /**
   * @param {HTMLElement} panel
   * @param {{ originOf: (seq: number) => Promise<Origin>, step: (by: number) => void, close: () => void }} actions
   */
  constructor(panel, actions) {
    this.panel = panel;
    this.actions = actions;
    this.tab = "attributes";
    /** @type {Inspected | null} */
    this.inspected = null;
    /** @type {Origin | null} */
    this.origin = null;
    panel.addEventListener("tabchange", (event) => {
      this.tab = /** @type {CustomEvent} */ (event).detail;
      this.showBody();
    });
  }

  /** @param {Inspected} inspected */
  show(inspected) {
    const isOther = this.inspected?.event !== inspected.event;
    this.inspected = inspected;
    if (isOther) {
      this.origin = null;
      this.load(inspected.event);
    }
    this.way = el("div", { class: "way" });
    this.body = el("div", { class: "inspector-body", id: "inspector-body", role: "tabpanel", tabindex: 0, "data-shared": true });
    fill(this.panel, this.head(inspected), this.way, this.tabs(), this.body);
    this.showWay();
    this.showBody();
  }

  clear() {
    this.inspected = null;
    this.origin = null;
  }

  /** @param {EventJson} event */
  async load(event) {
    try {
      const origin = await this.actions.originOf(event.seq);
      if (this.inspected?.event !== event) return;
      this.origin = origin;
    } catch {
      if (this.inspected?.event !== event) return;
      this.origin = { raw: null, sent_attributes: null, stored_at_ms: null, deliveries: [] };
    }
    this.showWay();
    if (this.tab !== "attributes") this.showBody();
  }

  /** @param {Inspected} inspected */
  head({ event, number, count, started_ms }) {
    const shape = el("span", { class: `kind-${event.kind}` });
    shape.append(icon(event.kind));
    return el(
      "div",
      { class: "inspector-head" },
      el(
        "h2", {}, shape, el("span", { class: "grow ellipsis" }, event.name),
        this.button("left", "Previous event", "", () => this.actions.step(-1)),
        this.button("right", "Next event", "", () => this.actions.step(1)),
        this.button("close", "Close", "", () => this.actions.close()),
      ),
      el(
        "p", {}, el("span", {}, `${clock(event.at_ms, 3)} ${zoneWords(event.at_ms)}`),
        el("span", { class: "quiet" }, `+${elapsed(event.at_ms - started_ms, true)}`),
        el("span", { class: "quiet" }, `event ${number} of ${count}`),
      ),
    );
  }

  /** @param {string} shape @param {string} name @param {string} look @param {() => void} action */
  button(shape, name, look, action) {
    const button = el("button", { type: "button", class: `icon-button small ${look}`, "aria-label": name });
    button.append(icon(shape));
    button.addEventListener("click", action);
    return button;
  }

  tabs() {
    const tabs = TABS.map(([name, label]) =>
      el("button", {
        type: "button", role: "tab", "data-tab": name, "aria-selected": String(name === this.tab),
        "aria-controls": "inspector-body", tabindex: name === this.tab ? 0 : -1,
      }, label),
    );
    const copyButton = this.button("copy", "Copy JSON", "", () => this.copyJson());
    const list = el("div", { class: "tabs", role: "tablist", "aria-label": "Event" }, ...tabs);
    return el("div", { class: "panel-head" }, list, el("span", { class: "grow" }), copyButton);
  }

  copyJson() {
    if (!this.inspected) return;
    const { event } = this.inspected;
    copy(JSON.stringify(this.origin?.raw ?? event, null, 2), "Event JSON copied");
  }

  showWay() {
    if (!this.inspected || !this.way) return;
    const { event, shown_at_ms } = this.inspected;
    const deliveries = this.origin?.deliveries ?? [];
    const first = deliveries[0];
    const late = event.is_late ? "text-warn strong" : "strong";
    const took = event.delay_ms < 0 ? `Received ${length(-event.delay_ms)} before its own time` : `Received ${length(event.delay_ms)} ${event.is_late ? "late" : "later"}`;
    fill(
      this.way,
      el(
        "div", { class: "row way-words" },
        el("span", { class: "grow" }, el("span", { class: late }, took), el("span", { class: "quiet" }, ` at ${clock(event.received_at_ms, 3)}`)),
        ...counted(deliveries),
      ),
      journey(
        [
          { name: "device", at_ms: event.at_ms },
          { name: "received", at_ms: event.received_at_ms },
          { name: "stored", at_ms: this.origin?.stored_at_ms ?? null },
          { name: "on screen", at_ms: shown_at_ms },
          { name: first && first.status !== "sent" ? (STATUS[first.status]?.word ?? first.status) : "forwarded", at_ms: first?.finished_at_ms ?? null },
        ],
        event.is_late,
      ),
    );
  }

  showBody() {
    if (!this.inspected || !this.body) return;
    if (this.tab === "raw") this.showRaw(this.body);
    else if (this.tab === "forwarding") this.showForwarding(this.body);
    else fill(this.body, ...attributeGroups(this.inspected));
  }

  /** @param {HTMLElement} body */
  showRaw(body) {
    if (!this.origin) fill(body, el("p", { class: "note" }, "Loading …"));
    else if (this.origin.raw === null) fill(body, el("p", { class: "note" }, "The raw batch is no longer kept; this is what was read from it."), jsonView(this.inspected?.event));
    else fill(body, jsonView(this.origin.raw));
  }

  /** @param {HTMLElement} body */
  showForwarding(body) {
    if (!this.origin) {
      fill(body, el("p", { class: "note" }, "Loading …"));
      return;
    }
    const rows = this.origin.deliveries.map(({ destination, status, words }) =>
      el("div", { class: "delivery" }, el("b", { class: "strong" }, destination), statusMark(status), el("small", {}, words)),
    );
    fill(body, ...(rows.length ? rows : [el("p", { class: "note" }, "No destination was switched on when this event came.")]));
  }
}

/** @param {string} status @param {string} [words] */
function statusMark(status, words) {
  const known = STATUS[status] ?? STATUS.due;
  const mark = el("span", { class: `mark ${known.look}` });
  mark.append(icon(known.icon, "small"), words ?? known.word);
  return mark;
}

/** "2 sent", "1 queued" … @param {Origin["deliveries"]} deliveries */
function counted(deliveries) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { status } of deliveries) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => statusMark(status, `${count} ${STATUS[status]?.word ?? status}`));
}

/** @param {Inspected} inspected */
function attributeGroups({ event, before }) {
  const own = event.is_custom ? "custom media event" : "";
  /** @type {[string, string, string, boolean][]} */
  const facts = [
    ["event_name", event.name, own, false],
    ["event key", event.event_key, "", false],
    ["timestamp", String(event.at_ms), clock(event.at_ms, 3), false],
  ];
  const claimed = /** @type {{ device_at_ms?: number }} */ (event).device_at_ms;
  if (claimed !== undefined && claimed !== event.at_ms) facts.push(["device clock", String(claimed), "corrected: it is off", false]);
  const parts = groups(event.attributes).flatMap(([title, names]) => group(title, names.map((name) => {
    const value = event.attributes[name];
    const isChanged = before !== null && name !== "playhead_position" && shown(before.attributes[name]) !== shown(value);
    return [name, shown(value), hint(name, value), isChanged];
  })));
  return [...group("Event", facts), ...parts];
}

/** @param {string} title @param {[string, string, string, boolean][]} rows */
function group(title, rows) {
  const cells = rows.flatMap(([name, value, words, isChanged]) => [
    el("dt", { class: isChanged ? "changed" : null, title: isChanged ? "Changed since the previous event" : null }, name),
    el("dd", {}, value, words ? " " : null, words ? el("span", { class: "hint" }, words) : null),
  ]);
  return [el("h3", {}, title), el("dl", { class: "key-values" }, ...cells)];
}
