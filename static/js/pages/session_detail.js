/** The session page: finds the parts, connects them, holds what is selected. What they do is theirs. */

import { isPhone, maybe, one, pageData, setText } from "../lib/dom.js";
import { clock, count, elapsed } from "../lib/durations.js";
import { tick } from "../lib/frame.js";
import { copy } from "../lib/toast.js";
import { ZoneChoice } from "../lib/zone_choice.js";
import { SessionFeed } from "../live/session_feed.js";
import { SessionLink } from "../live/session_link.js";
import { bindControls, bindKeys } from "../session/controls.js";
import { ExplainDialog } from "../session/explain_dialog.js";
import { EventsPanel } from "../session/events_panel.js";
import { figureWords, showFigures, startupsBeside } from "../session/figures.js";
import { numbered, showFindings } from "../session/findings.js";
import { Forwards } from "../session/forwards.js";
import { loadHistory, missingIn } from "../session/history.js";
import { Inspector } from "../session/inspector.js";
import { showMoment, showReadout } from "../session/moment_panel.js";
import { originOf } from "../session/origin.js";
import { Present } from "../session/present.js";
import { Story, comparisons } from "../session/story.js";
import { differing, showSummary } from "../session/summary_panel.js";
import { showTable, tableCounts } from "../session/tables.js";
import { MediaTimeline } from "../timeline/media_timeline.js";
import { inOrder } from "../timeline/model.js";

/** @typedef {import("../timeline/types.js").EventJson} EventJson */
/** @typedef {import("../timeline/pins.js").Pin} Pin */
/** @typedef {import("../live/session_feed.js").Change} Change */
/** @typedef {import("../session/moment_panel.js").Look} Look */

const MOVE_EVERY_MS = 100;
const REDRAW_PARTS_MS = 1000;
const LOOK_AROUND_MS = 150_000;
const FOLLOW_WITHIN_MS = 20_000;
// A link's moment is told to the millisecond; the clock it is told by may have been corrected since.
const A_MOMENT_MS = 1000;

class SessionPage {
  constructor() {
    this.facts = pageData("page-data");
    this.feed = new SessionFeed(pageData("session-data"), pageData("timeline-data"), pageData("events-data"));
    this.address = `/api/v1/sessions/${this.feed.session.id}/`;
    this.timeline = /** @type {MediaTimeline} */ (one("#lanes"));
    this.events = new EventsPanel(one("#panel-events"), { filter: maybe("#event-filter"), inView: maybe("#in-view") }, new Forwards(this.address));
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
      besides: (metric) => (metric === "startup_time_ms" ? startupsBeside(this.facts.usual_startups) : []),
    });
    this.link = this.facts.is_now ? new SessionLink(this.feed) : null;
    /** @type {EventJson | null} */
    this.selected = null;
    /** What the address asks for and is not here yet. @type {{ at_ms: number, seq: number } | null} */
    this.wanted = null;
    /** @type {ReturnType<typeof numbered>} */
    this.findings = [];
    /** When events that came live were shown here, by our clock. @type {Map<number, number>} */
    this.shownAt = new Map();
    this.pane = "events";
    this.arePartsOld = false;
    this.isLoading = false;
    /** Up to which seq the rest was asked for. */
    this.askedUpTo = 0;
    this.present = new Present(this);
    const { device_offset_ms } = this.facts;
    this.zones = new ZoneChoice({ device_offset_ms, at_ms: this.model.start_ms, changed: () => this.sayAgain() });
  }

  get model() {
    return this.feed.model;
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
    this.zones.bind();
    bindControls(this);
    bindKeys(this);
    this.bindFeed();
    this.present.bind();
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
    tick(() => this.present.move(), MOVE_EVERY_MS);
    tick(() => this.refreshParts(), REDRAW_PARTS_MS);
  }

  /** A link to a moment centres it and does not follow; otherwise a live session is followed. */
  openMoment() {
    const asked = new URLSearchParams(location.search);
    const seconds = asked.has("t") ? Number(asked.get("t")) : NaN;
    if (Number.isFinite(seconds)) {
      const at_ms = this.model.start_ms + seconds * 1000;
      this.timeline.centre(at_ms, LOOK_AROUND_MS);
      this.wanted = { at_ms, seq: Number(asked.get("event")) };
      this.selectWanted(!this.missing());
    } else {
      this.timeline.follow(this.facts.is_now);
      this.timeline.read();
    }
  }

  /**
   * The event a link names, as soon as it is here: of a long session it may come with a later page. The nearest to a moment
   * is known when all are here, as they come in order of arrival. @param {boolean} areAllHere
   */
  selectWanted(areAllHere) {
    if (!this.wanted) return;
    const { at_ms, seq } = this.wanted;
    const named = this.model.events.find((event) => event.seq === seq && Math.abs(event.at_ms - at_ms) < A_MOMENT_MS);
    if (named || areAllHere) this.select(named ?? this.model.nearestEvent(at_ms, 1), false);
  }

  /** What did not come with the page, or was dropped by a reset. */
  async loadRest() {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      this.askedUpTo = 0;
      for (let missing = this.missing(); missing; missing = this.missing()) {
        this.askedUpTo = missing.upTo;
        await loadHistory(this.address, missing.after, missing.upTo, (page) => this.tookPage(page));
      }
      this.selectWanted(true);
      this.showLoading("");
    } catch {
      this.showLoading("Some events could not be loaded. Reload the page to try again.");
      setText(one("#say"), one("#loading").textContent ?? "");
    }
    this.isLoading = false;
  }

  /** The next stretch of events that is not here, behind what was asked for: what did not come then is not to be had. */
  missing() {
    return missingIn(this.model.seqs, this.feed.seq, this.askedUpTo);
  }

  /** @param {EventJson[]} page */
  tookPage(page) {
    this.feed.addHistory(page.filter((event) => this.isShown(event)));
    this.selectWanted(false);
    this.showLoading(`Loading ${count(this.feed.session.event_count)} events: ${count(this.model.events.length)} so far`);
  }

  /** Looking back, only what had happened, and had arrived. @param {EventJson} event */
  isShown({ at_ms, received_at_ms }) {
    const { as_of_ms, known_at_ms } = this.facts;
    return at_ms <= (as_of_ms ?? Infinity) && received_at_ms <= (known_at_ms ?? Infinity);
  }

  /** @param {string} words */
  showLoading(words) {
    const loading = one("#loading");
    loading.hidden = !words;
    setText(loading, words);
  }

  // ---- the feed ----

  bindFeed() {
    this.feed.addEventListener("change", (event) => this.changed(/** @type {CustomEvent<Change>} */ (event).detail));
    this.story.addEventListener("change", () => this.showStory());
  }

  /** @param {Change} change */
  changed({ events, late, received_at_ms, outcome }) {
    const { now_ms } = this.present;
    this.present.heard(received_at_ms);
    for (const { seq } of events) if (outcome === "frame") this.shownAt.set(seq, now_ms);
    if (late.length) setText(one("#say"), `${late.length} late event${late.length === 1 ? "" : "s"} added at ${clock(late[0].at_ms)}`);
    this.timeline.changed();
    this.arePartsOld = true;
    if (outcome !== "reset") return;
    this.askedUpTo = 0;
    this.loadRest();
  }

  // ---- time goes on ----

  refreshParts() {
    const { session, version } = this.feed;
    showFigures(one("#figures"), figureWords(session, this.model.timeline, this.present.now_ms, this.facts.usual_startups.platform));
    this.viewChanged();
    this.present.show();
    if (this.facts.is_now) this.story.keepUp(version, Date.now());
    this.present.askAfterSilence();
    if (!this.arePartsOld) return;
    this.arePartsOld = false;
    this.present.showBadge();
    this.events.show(this.model, this.selected);
    this.showPane();
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

  /** In another zone: everything that names a time. */
  sayAgain() {
    this.timeline.ask();
    this.timeline.read();
    this.arePartsOld = true;
    this.refreshParts();
    this.showStory();
    if (this.selected) this.inspect(this.selected);
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
    this.wanted = null;
    this.timeline.select(event, reveal);
    this.events.select(event, reveal || Boolean(event));
    this.inspectorPanel.hidden = isPhone() && (!event || !reveal);
    this.nameMoment(event);
    if (!event) {
      this.inspector.clear();
      this.timeline.read();
      return;
    }
    if (this.model.end_ms - event.at_ms > FOLLOW_WITHIN_MS) this.timeline.letGo();
    this.inspect(event);
    setText(one("#say"), `${event.name} at ${clock(event.at_ms, 1)}`);
  }

  /** In the address, so that a reload shows the same. @param {EventJson | null} event */
  nameMoment(event) {
    const address = new URL(location.href);
    markMoment(address, event && this.secondsAt(event.at_ms), event);
    history.replaceState(null, "", address);
  }

  /** @param {EventJson} event */
  inspect(event) {
    const index = this.model.events.indexOf(event);
    this.inspector.show({
      event,
      before: this.model.events[index - 1] ?? null,
      number: index + 1,
      count: this.model.events.length,
      started_ms: this.model.start_ms,
      shown_at_ms: this.shownAt.get(event.seq) ?? null,
    });
  }

  /** @param {number} at_ms */
  secondsAt(at_ms) {
    return ((at_ms - this.model.start_ms) / 1000).toFixed(3);
  }

  /** The previous or next event, through the list's filter. @param {number} by */
  step(by) {
    const { selected } = this;
    const events = this.events.shown(this.model);
    if (!events.length) return;
    const found = selected ? events.findIndex((event) => inOrder(event, selected) >= 0) : events.length;
    const at = found < 0 ? events.length : found;
    // When the filter hides the selected one, the next of those it shows already stands there.
    const isThere = events[at]?.seq === selected?.seq;
    this.select(events[Math.max(0, Math.min(events.length - 1, isThere || by < 0 ? at + by : at))]);
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

  /** To what is under the crosshair, else the open event, else the end; looking back, to the same look back. */
  copyLink() {
    const at_ms = this.timeline.hovered_ms ?? this.selected?.at_ms ?? this.model.end_ms;
    const address = new URL(this.asThen(`/sessions/${encodeURIComponent(this.feed.session.media_session_id)}`), location.origin);
    markMoment(address, this.secondsAt(at_ms), this.timeline.hovered_ms === null ? this.selected : null);
    copy(String(address), `Link to ${clock(at_ms, 1)} copied (+${elapsed(at_ms - this.model.start_ms)})`);
  }

}

/** `t` and, as several events may share it, which one. @param {URL} address @param {string | null} seconds @param {EventJson | null} event */
function markMoment({ searchParams }, seconds, event) {
  searchParams.delete("t");
  searchParams.delete("event");
  if (seconds !== null) searchParams.set("t", seconds);
  if (event) searchParams.set("event", String(event.seq));
}

new SessionPage().start();
