/**
 * Between a BoardFeed and the server: the websocket with this page's filters, acknowledging, and the server's clock.
 *
 * Says: "connection" when it changes, "refused" when the server will not have us any more.
 */

import { ServerClock } from "./server_clock.js";
import { LiveSocket, socketAddress } from "./socket.js";

/** @typedef {import("./board_feed.js").BoardFeed} BoardFeed */
/** @typedef {import("./board_feed.js").BoardFrame} BoardFrame */
/** @typedef {import("./socket.js").SocketState} SocketState */

const ACKNOWLEDGE_EVERY = 10;
/** Rows the server keeps this page current of. */
const LIMIT = 500;

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
    /** @type {SocketState} */
    this.connection = "connecting";
    this.unacknowledged = 0;
    this.frozen_at_ms = 0;
    const filters = new URLSearchParams(query);
    filters.set("sort", feed.sort);
    filters.set("limit", String(LIMIT));
    this.socket = new LiveSocket(
      () => socketAddress(`/ws/live/?${filters}`),
      () => ({ resume: feed.seq }),
    );
    this.socket.addEventListener("message", (event) => this.heard(/** @type {CustomEvent} */ (event).detail));
    this.socket.addEventListener("state", (event) => this.become(/** @type {CustomEvent} */ (event).detail));
    this.socket.addEventListener("refused", () => this.dispatchEvent(new Event("refused")));
    feed.addEventListener("hole", () => this.socket.send({ resume: feed.seq }));
    window.addEventListener("online", () => !this.socket.isOpen && this.tryNow());
    window.addEventListener("pagehide", () => this.socket.close());
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

  /** @param {SocketState} connection */
  become(connection) {
    if (this.connection === "live" || this.connection === "connecting") this.frozen_at_ms = this.lost_at_ms;
    this.connection = connection;
    this.dispatchEvent(new Event("connection"));
  }
}
