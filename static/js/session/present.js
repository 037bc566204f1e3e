/**
 * Where the present is, and whether we still see it: the server's clock, the connection in the header, the badge, and
 * what happens while nothing is heard.
 */

import { hideConnectionBar, showConnection, showConnectionBar } from "../lib/connection.js";
import { one, setText } from "../lib/dom.js";
import { stateWord } from "../lib/durations.js";
import { setIcon } from "../lib/icons.js";
import { barWords, caughtUpWords, refusedWords } from "./connection_words.js";

/** @typedef {import("./page_types.js").Page} Page */
/** @typedef {import("../lib/connection.js").Connection} Connection */

/** Silence after which the server is asked what it makes of it (no events, timed out). */
const SILENCE_MS = 30_000;

export class Present {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.heardAt_ms = Date.now();
    this.measuredAt_ms = 0;
    /** From our receipt of the last event to its being shown. @type {number | null} */
    this.behind_ms = null;
  }

  bind() {
    const { link } = this.page;
    link?.addEventListener("connection", (event) => this.connectionChanged(/** @type {CustomEvent} */ (event).detail.connection));
    link?.addEventListener("refused", (event) => this.refused(/** @type {CustomEvent} */ (event).detail));
  }

  get now_ms() {
    const { link, model } = this.page;
    // Old figures are never shown as current: while the line is cut, time stands still here.
    if (!link || this.isCut || !model.live || link.clock.ahead_ms === null) return model.now_ms;
    return link.clock.at(Date.now());
  }

  get isCut() {
    return this.page.link?.connection === "reconnecting" || this.page.link?.connection === "off";
  }

  /** @param {number | null} received_at_ms */
  heard(received_at_ms) {
    this.heardAt_ms = Date.now();
    if (received_at_ms === null) return;
    this.measuredAt_ms = this.heardAt_ms;
    this.behind_ms = this.now_ms - received_at_ms;
  }

  /** @param {Connection} connection */
  connectionChanged(connection) {
    const { timeline, link, feed } = this.page;
    document.body.classList.toggle("stale", connection === "off");
    if (!this.isCut) timeline.missing_ms = 0;
    const words = barWords(connection, link?.socket.tries ?? 0, feed.session.last_at_ms);
    if (words) showConnectionBar(connection, words[0], words[1], () => link?.tryNow());
    else hideConnectionBar();
    this.show();
    this.showBadge();
    timeline.changed();
  }

  /** @param {number} code */
  refused(code) {
    const [headline, words] = refusedWords(code);
    showConnection("off", "");
    showConnectionBar("off", headline, words, () => location.reload());
  }

  /** The header. */
  show() {
    const { link, feed } = this.page;
    if (!link) return;
    const { live, last_at_ms } = feed.session;
    const heard_ago_ms = Date.now() - this.measuredAt_ms;
    showConnection(link.connection, caughtUpWords({ live, last_at_ms, behind_ms: this.behind_ms, heard_ago_ms }));
  }

  showBadge() {
    const { feed, facts, timeline } = this.page;
    const { state, live } = feed.session;
    const badge = one("#state-badge");
    const words = badge.querySelector("span");
    badge.dataset.state = this.isCut ? "no_signal" : state;
    setIcon(badge.querySelector("svg"), state);
    if (live) setText(words, this.isCut ? `last known: ${stateWord(state)}` : `LIVE · ${stateWord(state)}`);
    else if (words?.textContent?.startsWith("LIVE")) setText(words, "Ended");
    const follow = /** @type {HTMLButtonElement} */ (one("#follow"));
    follow.disabled = !live || !facts.is_now;
    setText(follow.querySelector("span"), follow.disabled ? "Ended" : "Follow live");
    if (!live) timeline.follow(false);
  }

  /** Time goes on while we see it; while we do not, what is missing grows. */
  move() {
    const { link, model, timeline } = this.page;
    if (!link || !model.live) return;
    if (this.isCut) timeline.missing_ms = Math.max(0, Date.now() - link.socket.lost_at_ms);
    else if (link.connection !== "connecting") model.now_ms = Math.max(model.now_ms, this.now_ms);
    timeline.changed();
  }

  /** Silence is no event: what it means is the server's to say. */
  async askAfterSilence() {
    const { link, model, feed, address, timeline } = this.page;
    const isQuiet = Date.now() - this.heardAt_ms > SILENCE_MS;
    if (!link?.socket.isOpen || !model.live || !isQuiet || document.hidden) return;
    this.heardAt_ms = Date.now();
    const answer = await fetch(`${address}timeline/`, { headers: { Accept: "application/json" } }).catch(() => null);
    const lanes = answer?.ok ? await answer.json() : null;
    if (!lanes || lanes.version !== feed.version) return;
    model.patch({ ...lanes, from_ms: null });
    feed.session = { ...feed.session, state: lanes.state, live: lanes.live };
    timeline.changed();
    this.showBadge();
  }
}
