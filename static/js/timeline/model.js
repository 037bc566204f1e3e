/**
 * What the lanes draw: a timeline, its events in the order they happened, and where the present is. Pure. `stateAt`
 * is everything known about one moment; the gutter, the inspector and the phone's read-out all show that.
 */

import { indexAt, momentOf, patched, playheadAt, pointAt, spanAt } from "./spans.js";

/** @typedef {import("./types.js").TimelineJson} TimelineJson */
/** @typedef {import("./types.js").EventJson} EventJson */
/** @typedef {import("./types.js").Span} Span */

export class TimelineModel {
  /**
   * @param {TimelineJson} timeline
   * @param {EventJson[]} [events]
   */
  constructor(timeline, events = []) {
    this.timeline = timeline;
    this.now_ms = timeline.as_of_ms;
    /** @type {EventJson[]} */
    this.events = [];
    /** Custom events and errors: drawn one by one however dense the rest is. @type {EventJson[]} */
    this.singles = [];
    /** Session start, session end, content end. @type {EventJson[]} */
    this.flags = [];
    /** @type {Set<number>} */
    this.seqs = new Set();
    this.addEvents(events);
  }

  /** Takes a frame's timeline: whole, or only from a moment on. @param {TimelineJson | null} timeline */
  patch(timeline) {
    this.timeline = patched(this.timeline, timeline);
    this.now_ms = Math.max(this.now_ms, this.timeline.as_of_ms);
  }

  /**
   * Takes in events that are not here yet; whether any of them was older than what was here.
   * @param {readonly EventJson[]} events
   */
  addEvents(events) {
    const fresh = events.filter(({ seq }) => !this.seqs.has(seq));
    if (!fresh.length) return false;
    const newest = this.events.at(-1)?.at_ms ?? -Infinity;
    fresh.forEach(({ seq }) => this.seqs.add(seq));
    fresh.sort(inOrder);
    const isLate = fresh[0].at_ms < newest;
    this.events = isLate ? [...this.events, ...fresh].sort(inOrder) : [...this.events, ...fresh];
    this.singles = this.events.filter(({ kind }) => kind === "custom" || kind === "error");
    this.flags = this.events.filter(({ kind }) => kind === "session");
    return isLate;
  }

  /** Starts over, after a reset. @param {TimelineJson} timeline @param {EventJson[]} events */
  reset(timeline, events) {
    this.timeline = timeline;
    this.now_ms = timeline.as_of_ms;
    this.events = [];
    this.seqs = new Set();
    this.addEvents(events);
  }

  get live() {
    return this.timeline.live;
  }

  get start_ms() {
    return this.timeline.session_started_ms;
  }

  /** Where the picture ends: now, or when the session ended. */
  get end_ms() {
    const { ended_at_ms, last_at_ms, live } = this.timeline;
    return live ? Math.max(this.now_ms, last_at_ms) : (ended_at_ms ?? last_at_ms);
  }

  /** @param {number} at_ms */
  eventIndexAt(at_ms) {
    return indexAt(this.events, at_ms, momentOf);
  }

  /** @param {number} at_ms */
  stateAt(at_ms) {
    const { timeline, end_ms } = this;
    const ad_break = spanAt(timeline.ad_break, at_ms, end_ms);
    const index = this.eventIndexAt(at_ms);
    return {
      known: at_ms >= this.start_ms && at_ms <= end_ms,
      band: spanAt(timeline.playback, at_ms, end_ms),
      ad_break,
      ads_of_break: ad_break ? timeline.ad.filter((ad) => isInside(ad, ad_break, end_ms)) : [],
      ad: spanAt(timeline.ad, at_ms, end_ms),
      segment: spanAt(timeline.segment, at_ms, end_ms),
      qos: timeline.qos[indexAt(timeline.qos, at_ms, momentOf)] ?? null,
      position_ms: playheadAt(timeline, at_ms, end_ms),
      reported_ms: timeline.playhead[indexAt(timeline.playhead, at_ms, pointAt)]?.[0] ?? null,
      index,
      event: this.events[index] ?? null,
      next: this.events[index + 1] ?? null,
    };
  }

  /**
   * The event a click means: the nearest within reach, state changes first, else the one in force.
   * @param {number} at_ms @param {number} reach_ms
   */
  nearestEvent(at_ms, reach_ms) {
    let best = null;
    let least = Infinity;
    for (let index = Math.max(0, this.eventIndexAt(at_ms - reach_ms)); index < this.events.length; index += 1) {
      const event = this.events[index];
      if (event.at_ms > at_ms + reach_ms) break;
      const distance = Math.abs(event.at_ms - at_ms);
      if (distance <= reach_ms && (distance + 1) * weight(event.kind) < least) {
        least = (distance + 1) * weight(event.kind);
        best = event;
      }
    }
    return best ?? this.events[Math.max(0, this.eventIndexAt(at_ms))] ?? null;
  }
}

/** @typedef {ReturnType<TimelineModel["stateAt"]>} Moment */

/** @param {Span} span @param {Span} outer @param {number} end_ms */
function isInside(span, outer, end_ms) {
  return span.start_ms >= outer.start_ms && span.start_ms <= (outer.end_ms ?? end_ms);
}

/** @param {string} kind */
function weight(kind) {
  if (kind === "playhead") return 3;
  return kind === "qos" || kind === "summary" ? 2 : 1;
}

/** @param {EventJson} one @param {EventJson} other */
export function inOrder(one, other) {
  return one.at_ms - other.at_ms || one.seq - other.seq;
}
