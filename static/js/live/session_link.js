/**
 * Between a SessionFeed and the server: the websocket, resuming, acknowledging, the hidden tab, and polling the REST
 * API while no websocket can be had. Messages wait in an inbox that is emptied once a frame.
 *
 * Says: "connection" (detail: { connection, since_ms }), "refused" (detail: the close code).
 */

import { nextFrame } from "../lib/frame.js";
import { ServerClock } from "./server_clock.js";
import { LiveSocket, socketAddress } from "./socket.js";

/** @typedef {import("./session_feed.js").SessionFeed} SessionFeed */
/** @typedef {import("../lib/connection.js").Connection} Connection */

const ACKNOWLEDGE_EVERY = 20;
const MOST_WAITING = 5000;
const POLL_EVERY_MS = 2000;
/** Tries that must have failed before the REST API is asked instead. */
const POLL_AFTER_TRIES = 2;
const BUSY_PER_S = 200;
const BUSY_GAP_MS = 100;

export class SessionLink extends EventTarget {
  /** @param {SessionFeed} feed */
  constructor(feed) {
    super();
    this.feed = feed;
    this.clock = new ServerClock();
    /** @type {any[]} */
    this.inbox = [];
    this.unacknowledged = 0;
    this.mustResume = false;
    this.drained_at_ms = 0;
    /** @type {number[]} when the last messages came, for telling a busy session */
    this.arrivals = [];
    /** @type {Connection} */
    this.connection = "connecting";
    this.isPolling = false;
    const path = `/ws/sessions/${feed.session.id}/`;
    this.socket = new LiveSocket(
      () => socketAddress(`${path}?after=${feed.seq}`),
      () => ({ resume: feed.seq }),
    );
    this.drain = this.drain.bind(this);
    this.bind();
  }

  bind() {
    const { socket, feed } = this;
    socket.addEventListener("message", (event) => this.heard(/** @type {CustomEvent} */ (event).detail));
    socket.addEventListener("state", (event) => this.become(/** @type {CustomEvent} */ (event).detail));
    socket.addEventListener("refused", (event) => this.say("refused", /** @type {CustomEvent} */ (event).detail));
    feed.addEventListener("hole", () => socket.send({ resume: feed.seq }));
    document.addEventListener("visibilitychange", () => this.seen());
    window.addEventListener("online", () => !socket.isOpen && socket.tryNow());
    window.addEventListener("pagehide", () => socket.close());
    window.setInterval(() => this.poll(), POLL_EVERY_MS);
  }

  open() {
    this.socket.open();
  }

  tryNow() {
    this.socket.tryNow();
  }

  /** @param {any} message */
  heard(message) {
    const now_ms = Date.now();
    this.clock.learn(message.server_at_ms ?? message.sent_at_ms ?? -Infinity, now_ms);
    this.acknowledge(message);
    this.arrivals.push(now_ms);
    if (this.arrivals.length > BUSY_PER_S) this.arrivals.shift();
    this.inbox.push(message);
    if (this.inbox.length > MOST_WAITING) {
      this.inbox = [];
      this.mustResume = true;
    }
    nextFrame(this.drain);
  }

  /** A message with many events counts for more: the server's credit is in bytes, too. @param {any} message */
  acknowledge({ seq, events }) {
    this.unacknowledged += 1 + (events?.length ?? 0) / 10;
    if (seq === undefined || this.unacknowledged < ACKNOWLEDGE_EVERY) return;
    this.unacknowledged = 0;
    this.socket.send({ ack: seq });
  }

  /** Once a frame; ten times a second when more than 200 messages a second come. */
  drain() {
    const now_ms = Date.now();
    const isBusy = this.arrivals.length === BUSY_PER_S && now_ms - this.arrivals[0] < 1000;
    if (isBusy && now_ms - this.drained_at_ms < BUSY_GAP_MS) {
      nextFrame(this.drain);
      return;
    }
    this.drained_at_ms = now_ms;
    const waiting = this.inbox;
    this.inbox = [];
    for (const message of waiting) this.feed.receive(message);
    if (this.mustResume && !document.hidden) this.resume();
  }

  /** The tab is looked at again. */
  seen() {
    if (document.hidden) return;
    if (!this.socket.isOpen) this.socket.tryNow();
    else if (this.mustResume) this.resume();
  }

  resume() {
    this.mustResume = false;
    this.socket.send({ resume: this.feed.seq });
  }

  /** @param {Connection} connection */
  become(connection) {
    if (connection === "live") this.isPolling = false;
    this.connection = this.isPolling ? "polling" : connection;
    this.say("connection", { connection: this.connection, lost_at_ms: this.socket.lost_at_ms });
  }

  /** While no socket can be had, the REST API is asked every two seconds. */
  async poll() {
    const { socket, feed } = this;
    if (socket.isOpen || socket.isOver || document.hidden || socket.tries < POLL_AFTER_TRIES) return;
    try {
      await this.fetchNews(`/api/v1/sessions/${feed.session.id}/`);
      this.isPolling = true;
      if (!socket.isOpen) this.become("polling");
    } catch {
      this.isPolling = false;
      this.become(socket.state);
    }
  }

  /** @param {string} address */
  async fetchNews(address) {
    const { feed } = this;
    const session = await json(address);
    if (session.version <= feed.version) return;
    const [timeline, page] = await Promise.all([
      json(`${address}timeline/`),
      json(`${address}events/?after=${feed.seq}&limit=1000`),
    ]);
    // With more pages to come, the next poll must find something new.
    const version = page.next ? feed.version : session.version;
    feed.receive({
      type: "hello",
      outcome: "replayed",
      since: feed.seq,
      version,
      seq: page.events.at(-1)?.seq ?? feed.seq,
      session: { ...session, version },
      timeline: { ...timeline, from_ms: null },
      events: page.events,
      server_at_ms: timeline.as_of_ms,
    });
  }

  /** @param {string} name @param {unknown} detail */
  say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {string} address */
async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}
