/**
 * One session, kept current. A frame says which version it starts from; one that does not join on means something
 * was lost, and the feed asks for what it missed. Pure: messages come in, a TimelineModel and the session are kept.
 *
 * Says: "change" (detail: a Change), "hole" (detail: the seq to resume from).
 */

import { TimelineModel } from "../timeline/model.js";

/** @typedef {import("../timeline/types.js").TimelineJson} TimelineJson */
/** @typedef {import("../timeline/types.js").EventJson} EventJson */
/** @typedef {Record<string, any> & { id: string, version: number, last_seq: number, live: boolean }} SessionJson */
/**
 * @typedef {{ type: "hello", outcome: "nothing_missed" | "replayed" | "reset", since: number | null, version: number,
 *   seq: number, session: SessionJson, timeline: TimelineJson | null, events: EventJson[], server_at_ms: number }} Hello
 * @typedef {{ type: "frame", since: number, version: number, seq: number, session: SessionJson, events: EventJson[],
 *   timeline: TimelineJson | null, received_at_ms: number | null, sent_at_ms: number }} Frame
 * @typedef {{ outcome: "frame" | "nothing_missed" | "replayed" | "reset", events: EventJson[], late: EventJson[],
 *   received_at_ms: number | null, server_at_ms: number }} Change
 */

export class SessionFeed extends EventTarget {
  /** @param {SessionJson} session @param {TimelineJson} timeline @param {EventJson[]} events the first of them */
  constructor(session, timeline, events) {
    super();
    this.session = session;
    this.model = new TimelineModel(timeline, events);
    /** Everything up to this event is known, or on its way as history. */
    this.seq = session.last_seq;
    this.isAsking = false;
  }

  get version() {
    return this.session.version;
  }

  /** @param {Hello | Frame} message */
  receive(message) {
    if (message.type === "hello") this.greet(message);
    else if (message.type === "frame") this.advance(message);
  }

  /** @param {Frame} frame */
  advance(frame) {
    if (frame.version <= this.version) return;
    if (frame.since !== this.version) {
      this.ask();
      return;
    }
    this.take(frame);
    this.tell("frame", frame.events, frame.received_at_ms, frame.sent_at_ms);
  }

  /** The answer to an opening or a resume. @param {Hello} hello */
  greet(hello) {
    this.isAsking = false;
    if (hello.version < this.version) return;
    if (hello.outcome === "reset" && hello.timeline) {
      this.session = hello.session;
      this.seq = hello.seq;
      this.model.reset(hello.timeline, hello.events);
    } else {
      this.take(hello);
    }
    this.tell(hello.outcome, hello.events, null, hello.server_at_ms);
  }

  /** @param {Hello | Frame} message */
  take({ session, seq, timeline, events }) {
    this.session = session;
    this.seq = seq;
    this.model.patch(timeline);
    this.model.addEvents(events);
  }

  /** Asks once, however many frames do not join on. */
  ask() {
    if (this.isAsking) return;
    this.isAsking = true;
    this.dispatchEvent(new CustomEvent("hole", { detail: this.seq }));
  }

  /** Events of the past, loaded page by page. @param {EventJson[]} events */
  addHistory(events) {
    this.model.addEvents(events);
    this.tell("nothing_missed", [], null, this.model.now_ms);
  }

  /**
   * @param {Change["outcome"]} outcome @param {EventJson[]} events @param {number | null} received_at_ms
   * @param {number} server_at_ms
   */
  tell(outcome, events, received_at_ms, server_at_ms) {
    const late = events.filter(({ is_late }) => is_late);
    /** @type {Change} */
    const detail = { outcome, events, late, received_at_ms, server_at_ms };
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}
