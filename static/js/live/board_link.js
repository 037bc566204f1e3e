/**
 * Between a BoardFeed and the server: the websocket with this page's filters, acknowledging, the server's clock, and
 * polling the REST API while no websocket can be had.
 *
 * Says: "connection" when it changes, "refused" when the server will not have us any more.
 */

import { ServerClock } from "./server_clock.js";
import { LiveSocket, socketAddress } from "./socket.js";

/** @typedef {import("./board_feed.js").BoardFeed} BoardFeed */
/** @typedef {import("./board_feed.js").BoardFrame} BoardFrame */
/** @typedef {import("../lib/connection.js").Connection} Connection */

const ACKNOWLEDGE_EVERY = 10;
/** Rows the server keeps this page current of. */
const LIMIT = 500;
const POLL_EVERY_MS = 2000;
/** A board says its figures every two seconds, when they take long every few. */
const QUIET_MS = 8000;
/** Tries that must have failed before the REST API is asked instead. */
const POLL_AFTER_TRIES = 2;

export class BoardLink extends EventTarget {
  /**
   * @param {BoardFeed} feed
   * @param {URLSearchParams} query the page's filters
   * @param {number} drawn_at_ms the server's clock when the page was drawn
   */
  constructor(feed, query, drawn_at_ms) {
    super();
    this.feed = feed;
    this.clock = new ServerClock();
    this.clock.learn(drawn_at_ms, Date.now());
    /** @type {Connection} */
    this.connection = "connecting";
    this.isPolling = false;
    this.unacknowledged = 0;
    this.frozen_at_ms = 0;
    const filters = new URLSearchParams(query);
    filters.set("sort", feed.sort);
    filters.set("limit", String(LIMIT));
    this.snapshot = `/api/v1/live/?${filters}`;
    this.socket = new LiveSocket(
      () => socketAddress(`/ws/live/?${filters}`),
      () => ({ resume: feed.seq }),
      QUIET_MS,
    );
    this.socket.addEventListener("message", (event) => this.heard(/** @type {CustomEvent} */ (event).detail));
    this.socket.addEventListener("state", (event) => this.become(/** @type {CustomEvent} */ (event).detail));
    this.socket.addEventListener("refused", () => this.dispatchEvent(new Event("refused")));
    feed.addEventListener("hole", () => this.socket.send({ resume: feed.seq }));
    window.addEventListener("online", () => !this.socket.isOpen && this.tryNow());
    window.addEventListener("pagehide", () => this.socket.close());
    window.setInterval(() => this.poll(), POLL_EVERY_MS);
  }

  get lost_at_ms() {
    return this.clock.at(this.socket.lost_at_ms);
  }

  open() {
    this.socket.open();
  }

  tryNow() {
    this.socket.tryNow();
  }

  /** The server's clock now; it stands still while the server is not heard: nothing is known of that time. */
  now_ms() {
    return this.connection === "reconnecting" || this.connection === "off"
      ? this.frozen_at_ms
      : this.clock.at(Date.now());
  }

  /** @param {BoardFrame} message */
  heard(message) {
    if (message.type !== "board") return;
    this.clock.learn(message.as_of_ms, Date.now());
    this.unacknowledged += 1;
    if (this.unacknowledged >= ACKNOWLEDGE_EVERY || message.reset) {
      this.unacknowledged = 0;
      this.socket.send({ ack: message.seq });
    }
    this.feed.receive(message);
  }

  /** While no socket can be had, the whole board is asked for every two seconds. */
  async poll() {
    const { socket } = this;
    if (socket.isOpen || socket.isOver || document.hidden || socket.tries < POLL_AFTER_TRIES) return;
    try {
      const answer = await fetch(this.snapshot, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const board = await answer.json();
      if (socket.isOpen) return;
      this.isPolling = true;
      this.clock.learn(board.as_of_ms, Date.now());
      this.become("polling");
      this.feed.receive(board);
    } catch {
      this.isPolling = false;
      this.become(socket.state);
    }
  }

  /** @param {Connection} connection */
  become(connection) {
    if (connection === "live") this.isPolling = false;
    const next = this.isPolling ? "polling" : connection;
    if (next === this.connection) return;
    if (next === "reconnecting" || next === "off") {
      // What was polled is known; else the last that was known is from before the line was lost.
      if (this.connection === "polling") this.frozen_at_ms = this.feed.sides.as_of_ms;
      else if (this.connection === "live" || this.connection === "connecting") this.frozen_at_ms = this.lost_at_ms;
    }
    this.connection = next;
    this.dispatchEvent(new Event("connection"));
  }
}
