/** The session page: finds the parts, connects them, holds what is selected. What they do is theirs. */

import { hideConnectionBar, showConnection, showConnectionBar } from "../lib/connection.js";
import { all, isPhone, maybe, one, pageData, setText } from "../lib/dom.js";
import { clock, elapsed, stateWord } from "../lib/durations.js";
import { tick } from "../lib/frame.js";
import { setIcon } from "../lib/icons.js";
import { onKeys } from "../lib/keys.js";
import { copy } from "../lib/toast.js";
import { SessionFeed } from "../live/session_feed.js";
import { SessionLink } from "../live/session_link.js";
import { barWords, caughtUpWords, refusedWords } from "../session/connection_words.js";
import { ExplainDialog } from "../session/explain_dialog.js";
import { EventsPanel } from "../session/events_panel.js";
import { figureWords, showFigures } from "../session/figures.js";
import { numbered, showFindings } from "../session/findings.js";
import { loadHistory } from "../session/history.js";
import { Inspector } from "../session/inspector.js";
import { showMoment, showReadout } from "../session/moment_panel.js";
import { originOf } from "../session/origin.js";
import { Story, comparisons } from "../session/story.js";
import { differing, showSummary } from "../session/summary_panel.js";
import { showTable, tableCounts } from "../session/tables.js";
import { MediaTimeline } from "../timeline/media_timeline.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */
/** @typedef {import("../timeline/pins.js").Pin} Pin */
/** @typedef {import("../live/session_feed.js").Change} Change */
/** @typedef {import("../session/moment_panel.js").Look} Look */

const MOVE_EVERY_MS = 100;
const REDRAW_PARTS_MS = 1000;
const LOOK_AROUND_MS = 150_000;
const FOLLOW_WITHIN_MS = 20_000;
/** Silence after which the server is asked what it makes of it (no events, timed out). */
const SILENCE_MS = 30_000;

class SessionPage {
  constructor() {
    this.facts = pageData("page-data");
    this.feed = new SessionFeed(pageData("session-data"), pageData("timeline-data"), pageData("events-data"));
    this.address = `/api/v1/sessions/${this.feed.session.id}/`;
    this.timeline = /** @type {MediaTimeline} */ (one("#lanes"));
    this.events = new EventsPanel(one("#panel-events"), { filter: maybe("#event-filter"), inView: maybe("#in-view") });
    this.inspectorPanel = one("#inspector");
    this.inspector = new Inspector(this.inspectorPanel, {
      originOf: (seq) => originOf(this.address, seq),
      step: (by) => this.step(by),
      close: () => this.select(null),
    });
    this.story = new Story(this.asThen(`${this.address}summary/`));
    this.explain = new ExplainDialog(/** @type {HTMLDialogElement} */ (one("#explain-dialog")), {
      addressOf: (metric) => this.asThen(`${this.address}explain/${encodeURIComponent(metric)}/`),
      goTo: (at_ms) => this.goTo(at_ms),
      started_ms: () => this.model.start_ms,
    });
    this.link = this.facts.is_now ? new SessionLink(this.feed) : null;
    /** @type {EventJson | null} */
    this.selected = null;
    /** @type {ReturnType<typeof numbered>} */
    this.findings = [];
    /** When events that came live were shown here, by our clock. @type {Map<number, number>} */
    this.shownAt = new Map();
    this.pane = "events";
    this.behind_ms = /** @type {number | null} */ (null);
    this.heardAt_ms = Date.now();
    this.arePartsOld = false;
  }

  get model() {
    return this.feed.model;
  }

  get now_ms() {
    if (!this.link || !this.model.live) return this.model.now_ms;
    return this.link.clock.ahead_ms === null ? this.model.now_ms : this.link.clock.at(Date.now());
  }

  /** The address with the look back of this page. @param {string} address */
  asThen(address) {
    const asked = new URLSearchParams();
    for (const name of ["as_of_ms", "known_at_ms"]) if (this.facts[name] !== null) asked.set(name, this.facts[name]);
    return asked.size ? `${address}?${asked}` : address;
  }

  // ---- start ----

  start() {
    this.bindTimeline();
    this.bindControls();
    this.bindKeys();
    this.bindFeed();
    const { session } = this.feed;
    const content = { duration_ms: session.content_duration_ms, isLiveStream: session.stream_type === "LiveStream" };
    this.timeline.setModel(this.model, content);
    this.events.show(this.model, this.selected);
    this.openMoment();
    this.timeline.say("viewchange", this.timeline.view);
    this.showPane();
    this.loadRest();
    this.story.ask(this.feed.version);
    this.link?.open();
    tick(() => this.move(), MOVE_EVERY_MS);
    tick(() => this.refreshParts(), REDRAW_PARTS_MS);
  }

  /** A link to a moment centres it and does not follow; otherwise a live session is followed. */
  openMoment() {
    const asked = new URLSearchParams(location.search).get("t");
    const seconds = asked === null ? NaN : Number(asked);
    if (Number.isFinite(seconds)) {
      const at_ms = this.model.start_ms + seconds * 1000;
      this.timeline.centre(at_ms, LOOK_AROUND_MS);
      this.select(this.model.nearestEvent(at_ms, 1), false);
    } else {
      this.timeline.follow(this.facts.is_now);
      this.timeline.read();
    }
  }

  async loadRest() {
    const { events } = this.model;
    const here = events.reduce((most, { seq }) => Math.max(most, seq), 0);
    if (!this.facts.is_now || here >= this.feed.session.last_seq) return;
    const say = one("#say");
    try {
      await loadHistory(this.address, here, this.feed.session.last_seq, (page) => this.feed.addHistory(page));
    } catch {
      setText(say, "Some earlier events could not be loaded. Reload the page to try again.");
    }
  }

  // ---- the feed ----

  bindFeed() {
    this.feed.addEventListener("change", (event) => this.changed(/** @type {CustomEvent<Change>} */ (event).detail));
    this.story.addEventListener("change", () => this.showStory());
    this.link?.addEventListener("connection", (event) => this.connectionChanged(/** @type {CustomEvent} */ (event).detail));
    this.link?.addEventListener("refused", (event) => this.refused(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {Change} change */
  changed({ events, late, received_at_ms, outcome }) {
    const now_ms = this.link?.clock.at(Date.now()) ?? this.model.now_ms;
    this.heardAt_ms = Date.now();
    if (received_at_ms !== null) this.behind_ms = now_ms - received_at_ms;
    for (const { seq } of events) if (outcome === "frame") this.shownAt.set(seq, now_ms);
    if (late.length) setText(one("#say"), `${late.length} late event${late.length === 1 ? "" : "s"} added at ${clock(late[0].at_ms)}`);
    this.timeline.changed();
    this.arePartsOld = true;
  }

  /** @param {{ connection: import("../lib/connection.js").Connection }} standing */
  connectionChanged({ connection }) {
    const isCut = connection === "reconnecting" || connection === "off";
    document.body.classList.toggle("stale", connection === "off");
    if (!isCut) this.timeline.missing_ms = 0;
    const words = barWords(connection, this.link?.socket.tries ?? 0, this.feed.session.last_at_ms);
    if (words) showConnectionBar(connection, words[0], words[1], () => this.link?.tryNow());
    else hideConnectionBar();
    this.showConnection();
    this.showBadge();
    this.timeline.changed();
  }

  /** @param {number} code */
  refused(code) {
    const [headline, words] = refusedWords(code);
    showConnection("off", "");
    showConnectionBar("off", headline, words, () => location.reload());
  }

  showConnection() {
    if (!this.link) return;
    const { live, last_at_ms } = this.feed.session;
    const heard_ago_ms = Date.now() - this.heardAt_ms;
    showConnection(this.link.connection, caughtUpWords({ live, last_at_ms, behind_ms: this.behind_ms, heard_ago_ms }));
  }

  // ---- time goes on ----

  move() {
    if (!this.link || !this.model.live) return;
    const { connection, socket } = this.link;
    if (connection === "reconnecting" || connection === "off") {
      this.timeline.missing_ms = Math.max(0, Date.now() - socket.lost_at_ms);
    } else if (connection !== "connecting") {
      this.model.now_ms = Math.max(this.model.now_ms, this.now_ms);
    }
    this.timeline.changed();
  }

  refreshParts() {
    const { session, version } = this.feed;
    showFigures(one("#figures"), figureWords(session, this.model.timeline, this.now_ms));
    this.showRange();
    this.showConnection();
    if (this.facts.is_now) this.story.keepUp(version, Date.now());
    this.askAfterSilence();
    if (!this.arePartsOld) return;
    this.arePartsOld = false;
    this.showBadge();
    this.events.show(this.model, this.selected);
    this.showPane();
  }

  /** Silence is no event: what it means is the server's to say. */
  askAfterSilence() {
    const isQuiet = Date.now() - this.heardAt_ms > SILENCE_MS;
    if (!this.link?.socket.isOpen || !this.model.live || !isQuiet || document.hidden) return;
    this.heardAt_ms = Date.now();
    fetch(`${this.address}timeline/`, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((timeline) => {
        if (!timeline || timeline.version !== this.feed.version) return;
        this.model.patch({ ...timeline, from_ms: null });
        this.feed.session = { ...this.feed.session, state: timeline.state, live: timeline.live };
        this.timeline.changed();
        this.showBadge();
      })
      .catch(() => undefined);
  }

  showBadge() {
    const badge = one("#state-badge");
    const { state, live } = this.feed.session;
    const isKnown = !this.link || !["reconnecting", "off"].includes(this.link.connection);
    badge.dataset.state = isKnown ? state : "no_signal";
    setIcon(badge.querySelector("svg"), state);
    if (live) setText(badge.querySelector("span"), isKnown ? `LIVE · ${stateWord(state)}` : `last known: ${stateWord(state)}`);
    else if (badge.querySelector("span")?.textContent?.startsWith("LIVE")) setText(badge.querySelector("span"), "Ended");
    const follow = /** @type {HTMLButtonElement} */ (one("#follow"));
    follow.disabled = !live || !this.facts.is_now;
    setText(follow.querySelector("span"), follow.disabled ? "Ended" : "Follow live");
    if (!live) this.timeline.follow(false);
  }

  showPane() {
    const counts = tableCounts(this.model);
    for (const [name, count] of Object.entries(counts)) setText(document.querySelector(`#tab-${name} small`), count);
    const panel = one(`#panel-${this.pane}`);
    if (this.pane === "summary") showSummary(one("#summary"), this.story.summary, this.story.failed);
    else if (this.pane !== "events") showTable(panel, this.pane, this.model);
  }

  showStory() {
    const { summary } = this.story;
    if (!summary) {
      if (this.pane === "summary") this.showPane();
      return;
    }
    this.findings = numbered(summary.findings ?? []);
    showFindings(one("#findings"), this.findings, this.model.start_ms, (pin) => this.showFinding(pin));
    this.timeline.setPins(this.findings.filter(({ hasMoment }) => hasMoment));
    const differ = differing(comparisons(summary));
    const badge = one("#differ-count");
    badge.hidden = !differ;
    setText(badge, `${differ} differ`);
    if (this.pane === "summary") this.showPane();
  }

  // ---- what is looked at ----

  bindTimeline() {
    const { timeline } = this;
    /** @param {Event} event */
    const detailOf = (event) => /** @type {CustomEvent} */ (event).detail;
    timeline.addEventListener("pick", (event) => this.select(detailOf(event)));
    timeline.addEventListener("pinpick", (event) => this.showFinding(detailOf(event)));
    timeline.addEventListener("read", (event) => this.read(detailOf(event)));
    timeline.addEventListener("viewchange", () => this.viewChanged());
    timeline.addEventListener("followchange", (event) => one("#follow").setAttribute("aria-pressed", String(detailOf(event))));
    this.events.addEventListener("choose", (event) => this.select(detailOf(event)));
    this.events.addEventListener("look", (event) => timeline.hover(detailOf(event)?.at_ms ?? null));
  }

  viewChanged() {
    this.showRange();
    this.events.setView(this.timeline.view);
  }

  showRange() {
    const { start_ms, end_ms } = this.timeline.view;
    setText(one("#range"), `${clock(Math.max(this.model.start_ms, start_ms))} – ${clock(Math.min(this.model.end_ms, end_ms))}`);
  }

  /** @param {Look} look */
  read(look) {
    if (isPhone()) showReadout(one("#readout"), this.model, look);
    else if (!this.selected) showMoment(this.inspectorPanel, this.model, look);
  }

  /** @param {EventJson | null} event @param {boolean} [reveal] */
  select(event, reveal = true) {
    this.selected = event;
    this.timeline.select(event, reveal);
    this.events.select(event, reveal || Boolean(event));
    this.inspectorPanel.hidden = isPhone() && (!event || !reveal);
    if (!event) {
      this.inspector.clear();
      this.timeline.read();
      return;
    }
    if (this.model.end_ms - event.at_ms > FOLLOW_WITHIN_MS) this.timeline.letGo();
    const index = this.model.events.indexOf(event);
    this.inspector.show({
      event,
      before: this.model.events[index - 1] ?? null,
      number: index + 1,
      count: this.model.events.length,
      started_ms: this.model.start_ms,
      shown_at_ms: this.shownAt.get(event.seq) ?? null,
    });
    setText(one("#say"), `${event.name} at ${clock(event.at_ms, 1)}`);
    const address = new URL(location.href);
    address.searchParams.set("t", this.secondsAt(event.at_ms));
    history.replaceState(null, "", address);
  }

  /** @param {number} at_ms */
  secondsAt(at_ms) {
    return ((at_ms - this.model.start_ms) / 1000).toFixed(3);
  }

  /** The previous or next event, through the list's filter. @param {number} by */
  step(by) {
    const events = this.events.shown(this.model);
    if (!events.length) return;
    const at = this.selected ? events.findIndex((event) => this.selected && event.at_ms >= this.selected.at_ms && event.seq === this.selected.seq) : events.length;
    const next = Math.max(0, Math.min(events.length - 1, (at < 0 ? events.length : at) + by));
    this.select(events[next]);
  }

  /** @param {Pin} pin */
  showFinding(pin) {
    this.goTo(pin.at_ms);
    setText(one("#say"), `Finding ${pin.number}: ${pin.text}`);
  }

  /** @param {number} at_ms */
  goTo(at_ms) {
    this.timeline.letGo();
    this.timeline.centre(at_ms, LOOK_AROUND_MS);
    this.select(this.model.nearestEvent(at_ms, 1));
  }

  /** The next finding from the moment looked at. @param {number} by */
  stepFinding(by) {
    const from_ms = this.selected?.at_ms ?? (by > 0 ? -Infinity : Infinity);
    const ahead = this.findings.filter(({ at_ms, hasMoment }) => hasMoment && (at_ms - from_ms) * by > 500);
    ahead.sort((one_, other) => (one_.at_ms - other.at_ms) * by);
    if (ahead.length) this.showFinding(ahead[0]);
  }

  copyLink() {
    const at_ms = this.selected?.at_ms ?? this.model.end_ms;
    const path = `/sessions/${encodeURIComponent(this.feed.session.media_session_id)}`;
    copy(`${location.origin}${path}?t=${this.secondsAt(at_ms)}`, `Link to ${clock(at_ms, 1)} copied (+${elapsed(at_ms - this.model.start_ms)})`);
  }

  // ---- controls and keys ----

  bindControls() {
    const { timeline } = this;
    one("#copy-link").addEventListener("click", () => this.copyLink());
    one("#follow").addEventListener("click", () => timeline.follow(!timeline.following));
    for (const button of all("[data-zoom]")) button.addEventListener("click", () => timeline.zoom(Number(button.dataset.zoom)));
    for (const button of all("[data-span]")) {
      const span_ms = Number(button.dataset.span);
      button.addEventListener("click", () => (span_ms ? timeline.showSpan(span_ms) : timeline.showAll()));
    }
    one("#table-tabs").addEventListener("tabchange", (event) => {
      this.pane = /** @type {CustomEvent} */ (event).detail;
      for (const part of all("#event-filter, .in-view")) part.hidden = this.pane !== "events";
      this.showPane();
    });
    document.addEventListener("click", ({ target }) => {
      const asked = target instanceof Element && target.closest("[data-metric]");
      if (asked instanceof HTMLElement) this.explain.open(asked.dataset.metric ?? "");
    });
    maybe(".show-more")?.addEventListener("click", () => {
      one("#findings").classList.add("all");
      one(".show-more").hidden = true;
    });
    one("#tables").addEventListener("pointerover", ({ target }) => {
      const row = target instanceof Element && target.closest("[data-at]");
      if (row instanceof HTMLElement) timeline.hover(Number(row.dataset.at));
    });
    one("#tables").addEventListener("pointerleave", () => timeline.hover(null));
  }

  bindKeys() {
    const { timeline } = this;
    onKeys({
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      "Shift+ArrowRight": () => timeline.pan(0.2),
      "Shift+ArrowLeft": () => timeline.pan(-0.2),
      "[": () => timeline.zoom(1.5),
      "]": () => timeline.zoom(0.667),
      0: () => timeline.showAll(),
      f: () => timeline.follow(!timeline.following),
      c: () => this.copyLink(),
      n: () => this.stepFinding(1),
      p: () => this.stepFinding(-1),
      Escape: () => this.select(null),
    });
  }
}

new SessionPage().start();
