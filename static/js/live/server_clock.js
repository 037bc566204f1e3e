/** The server's clock, as well as messages let us know it. Pure. */

export class ServerClock {
  constructor() {
    /** Server minus browser; the largest seen, because a message can only be late. @type {number | null} */
    this.ahead_ms = null;
  }

  /** A message made at `server_at_ms` arrived at `arrived_at_ms`. @param {number} server_at_ms @param {number} arrived_at_ms */
  learn(server_at_ms, arrived_at_ms) {
    const ahead = server_at_ms - arrived_at_ms;
    this.ahead_ms = this.ahead_ms === null ? ahead : Math.max(this.ahead_ms, ahead);
  }

  /** @param {number} browser_ms */
  at(browser_ms) {
    return browser_ms + (this.ahead_ms ?? 0);
  }
}
