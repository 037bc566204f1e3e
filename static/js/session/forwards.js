/**
 * How the events in sight were passed on: asked of the REST API in pages as the list is scrolled, and again later for
 * what was still on its way.
 *
 * Says: "change" when something new is known.
 */

/** @typedef {{ icon: string, look: string, word: string }} Status */

/** @type {Record<string, Status>} */
export const STATUS = {
  due: { icon: "clock", look: "text-warn", word: "queued" },
  sending: { icon: "clock", look: "text-warn", word: "being sent" },
  sent: { icon: "check", look: "text-ok", word: "sent" },
  dead: { icon: "error", look: "text-error", word: "given up" },
  dropped: { icon: "minus", look: "quiet", word: "dropped" },
};

/** What matters most first: of several destinations' answers this one shows. */
const ORDER = ["dead", "due", "sending", "dropped", "sent"];
const PAGE = 100;
const AGAIN_AFTER_MS = 5000;

export class Forwards extends EventTarget {
  /** @param {string} sessionAddress */
  constructor(sessionAddress) {
    super();
    this.address = sessionAddress;
    /** @type {Map<number, string | null>} */
    this.known = new Map();
    /** When each page was last asked for. @type {Map<number, number>} */
    this.askedAt = new Map();
  }

  /** undefined: not known yet; null: passed on to nobody. @param {number} seq */
  of(seq) {
    return this.known.get(seq);
  }

  /** @param {number[]} seqs in sight @param {number} now_ms */
  want(seqs, now_ms) {
    const open = seqs.filter((seq) => this.isOpen(seq));
    for (const page of new Set(open.map((seq) => Math.floor((seq - 1) / PAGE)))) {
      if (now_ms - (this.askedAt.get(page) ?? -Infinity) < AGAIN_AFTER_MS) continue;
      this.askedAt.set(page, now_ms);
      this.load(page);
    }
  }

  /** @param {number} seq */
  isOpen(seq) {
    const status = this.known.get(seq);
    return status === undefined || status === "due" || status === "sending";
  }

  /** @param {number} page */
  async load(page) {
    const address = `${this.address}events/?after=${page * PAGE}&limit=${PAGE}&forwards=true`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    /** @type {{ events: { seq: number, forwards: string[] }[] }} */
    const { events } = await answer.json();
    for (const { seq, forwards } of events) this.known.set(seq, mostTelling(forwards));
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {readonly string[]} statuses */
export function mostTelling(statuses) {
  return ORDER.find((status) => statuses.includes(status)) ?? null;
}
