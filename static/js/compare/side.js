/**
 * One of the two sessions: its feed, its socket, its timeline, its findings. It keeps itself current and says so.
 *
 * Says: "change" (something of it is new), "connection", "pinpick" (detail: a Pin).
 */

import { one, setText } from "../lib/dom.js";
import { stateWord } from "../lib/durations.js";
import { setIcon } from "../lib/icons.js";
import { SessionFeed } from "../live/session_feed.js";
import { SessionLink } from "../live/session_link.js";
import { numbered, showFindings } from "../session/findings.js";
import { loadHistory } from "../session/history.js";
import { Story } from "../session/story.js";
import { ComparedTimeline } from "./compared_timeline.js";

/** @typedef {import("../timeline/pins.js").Pin} Pin */
/** @typedef {{ session: any, timeline: any, events: any[] }} SideData */

export class Side extends EventTarget {
  /** @param {"a" | "b"} name @param {SideData} data */
  constructor(name, data) {
    super();
    this.name = name;
    this.feed = new SessionFeed(data.session, data.timeline, data.events);
    this.address = `/api/v1/sessions/${this.feed.session.id}/`;
    this.timeline = /** @type {ComparedTimeline} */ (one(`#lanes-${name}`));
    this.story = new Story(`${this.address}summary/`);
    this.link = data.session.live ? new SessionLink(this.feed) : null;
  }

  get model() {
    return this.feed.model;
  }

  get isCut() {
    return this.link?.connection === "reconnecting" || this.link?.connection === "off";
  }

  start() {
    const { session } = this.feed;
    this.timeline.setModel(this.model, {
      duration_ms: session.content_duration_ms,
      isLiveStream: session.stream_type === "LiveStream",
    });
    this.timeline.addEventListener("pinpick", (event) => this.say("pinpick", /** @type {CustomEvent} */ (event).detail));
    this.timeline.addEventListener("pick", (event) => this.timeline.select(/** @type {CustomEvent} */ (event).detail, false));
    this.feed.addEventListener("change", () => this.say("change", null));
    this.story.addEventListener("change", () => this.showStory());
    this.link?.addEventListener("connection", () => this.connectionChanged());
    this.link?.addEventListener("refused", (event) => this.say("refused", /** @type {CustomEvent} */ (event).detail));
    this.loadRest();
    this.story.ask(this.feed.version);
    this.link?.open();
  }

  async loadRest() {
    const here = this.model.events.reduce((most, { seq }) => Math.max(most, seq), 0);
    const { last_seq } = this.feed.session;
    if (here >= last_seq) return;
    try {
      await loadHistory(this.address, here, last_seq, (page) => this.feed.addHistory(page));
    } catch {
      setText(one("#say"), `Some earlier events of ${this.name.toUpperCase()} could not be loaded. Reload the page to try again.`);
    }
  }

  connectionChanged() {
    if (!this.isCut) this.timeline.missing_ms = 0;
    this.showBadge();
    this.say("connection", null);
  }

  /** Time goes on while we see it; while we do not, what is missing grows. */
  move() {
    const { link, model, timeline } = this;
    if (!link || !model.live) return;
    if (this.isCut) timeline.missing_ms = Math.max(0, Date.now() - link.socket.lost_at_ms);
    else if (link.clock.ahead_ms !== null) model.now_ms = Math.max(model.now_ms, link.clock.at(Date.now()));
  }

  refresh() {
    this.showBadge();
    if (this.link) this.story.keepUp(this.feed.version, Date.now());
  }

  showBadge() {
    const { state, live } = this.feed.session;
    const badge = one(`#state-${this.name}`);
    badge.dataset.state = this.isCut ? "no_signal" : state;
    setIcon(badge.querySelector("svg"), state);
    const words = this.isCut ? `last known: ${stateWord(state)}` : `LIVE · ${stateWord(state)}`;
    setText(badge.querySelector("span"), live ? words : "Ended");
  }

  showStory() {
    if (!this.story.summary) return;
    const pins = numbered(this.story.summary.findings ?? []);
    showFindings(one(`#findings-${this.name}`), pins, this.model.start_ms, (pin) => this.say("pinpick", pin));
    this.timeline.setPins(pins.filter(({ hasMoment }) => hasMoment));
  }

  /** @param {string} name @param {unknown} detail */
  say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
