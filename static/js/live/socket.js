/**
 * A websocket that comes back: opens, reopens after 1, 2, 4 … 30 s with jitter, and says where it stands. What the
 * messages mean is the feed's business.
 *
 * Says: "message" (detail: what was sent), "state" (detail: a SocketState), "refused" (detail: the close code).
 */

/** @typedef {"connecting" | "live" | "reconnecting" | "off"} SocketState */

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A short break is not worth a word. */
const RECONNECTING_AFTER_MS = 2000;
const OFF_AFTER_MS = 60_000;
/** Silence this long is questioned; no answer to the question means the line is dead. */
const QUIET_MS = 20_000;
const ANSWER_MS = 5000;
/** When the browser itself thinks that it is offline. */
const OFFLINE_ANSWER_MS = 2000;

/** Not signed in, not allowed, no such thing: trying again would not help. */
const FOR_GOOD = new Set([4401, 4403, 4404]);

/**
 * How long to wait before a try: doubled each time, up to 30 s, minus up to a half so that browsers do not all
 * come back in the same instant.
 * @param {number} tries how many have failed in a row
 * @param {number} random from 0 to 1
 */
export function waitBefore(tries, random) {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, tries - 1));
  return full * (1 - random / 2);
}

/**
 * What to call a connection that was lost so long ago.
 * @param {number} lost_for_ms
 * @returns {SocketState}
 */
export function stateAfter(lost_for_ms) {
  if (lost_for_ms >= OFF_AFTER_MS) return "off";
  return lost_for_ms >= RECONNECTING_AFTER_MS ? "reconnecting" : "live";
}

export class LiveSocket extends EventTarget {
  /**
   * @param {() => string} address asked before every try, so that it can carry where to resume
   * @param {() => unknown} question what to send to find out whether a quiet line is alive
   * @param {number} [quiet_ms] how long nothing may come before it is asked
   */
  constructor(address, question, quiet_ms = QUIET_MS) {
    super();
    this.address = address;
    this.question = question;
    this.quiet_ms = quiet_ms;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {SocketState} */
    this.state = "connecting";
    this.tries = 0;
    this.lost_at_ms = Date.now();
    this.heard_at_ms = 0;
    /** By when an answer is due; 0: nothing was asked. */
    this.answer_due_ms = 0;
    this.wasOpen = false;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {number | undefined} */
    this.watch = undefined;
    this.isOver = false;
    window.addEventListener("offline", () => this.isOpen && this.ask(OFFLINE_ANSWER_MS));
  }

  open() {
    window.clearTimeout(this.timer);
    if (this.isOver) return;
    this.watch ??= window.setInterval(() => this.look(), 1000);
    const socket = new WebSocket(this.address());
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => this.socket === socket && this.heard(data));
    socket.addEventListener("close", ({ code }) => this.socket === socket && this.lost(code));
  }

  /** Somebody does not want to wait. */
  tryNow() {
    this.tries = 0;
    this.socket?.close();
    this.socket = null;
    this.open();
  }

  close() {
    this.isOver = true;
    window.clearTimeout(this.timer);
    window.clearInterval(this.watch);
    this.socket?.close();
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** @param {unknown} message */
  send(message) {
    if (this.isOpen) this.socket?.send(JSON.stringify(message));
  }

  /** @param {string} data */
  heard(data) {
    this.heard_at_ms = Date.now();
    this.answer_due_ms = 0;
    this.tries = 0;
    this.wasOpen = true;
    this.become("live");
    this.say("message", JSON.parse(data));
  }

  /** @param {number} code @param {number} [since_ms] when the line was last known to be alive */
  lost(code, since_ms = Date.now()) {
    if (this.state === "live") this.lost_at_ms = since_ms;
    this.answer_due_ms = 0;
    this.socket = null;
    if (FOR_GOOD.has(code)) {
      this.close();
      this.say("refused", code);
      return;
    }
    this.tries += 1;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.open(), waitBefore(this.tries, Math.random()));
  }

  /** Once a second: is the line quiet, and what is the state called by now? */
  look() {
    const now_ms = Date.now();
    if (this.isOpen && this.state === "live") this.question_quiet(now_ms);
    if (!this.isOpen || this.state !== "live") this.become(this.named(now_ms - this.lost_at_ms));
  }

  /** @param {number} lost_for_ms @returns {SocketState} */
  named(lost_for_ms) {
    const named = stateAfter(lost_for_ms);
    return named === "live" && !this.wasOpen ? "connecting" : named;
  }

  /** @param {number} now_ms */
  question_quiet(now_ms) {
    if (this.answer_due_ms && now_ms > this.answer_due_ms) {
      this.socket?.close();
      this.lost(1006, this.heard_at_ms);
    } else if (!this.answer_due_ms && now_ms - this.heard_at_ms > this.quiet_ms) {
      this.ask(ANSWER_MS);
    }
  }

  /** @param {number} within_ms */
  ask(within_ms) {
    this.answer_due_ms = Date.now() + within_ms;
    this.send(this.question());
  }

  /** @param {SocketState} state */
  become(state) {
    if (state === this.state) return;
    this.state = state;
    this.say("state", state);
  }

  /** @param {string} name @param {unknown} detail */
  say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** The address of a websocket of this site. @param {string} path */
export function socketAddress(path) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}
