/**
 * What the server works out over the whole session (GET …/summary/): findings, reconciliation, settled or running.
 * Asked again while the session goes on, at a pace that follows what the answer costs.
 *
 * Says: "change" when a new answer is there.
 */

/** @typedef {import("../timeline/types.js").Finding} Finding */
/** @typedef {{ field: string, client: unknown, server: unknown, difference: number | null, same: boolean, cause: string | null }} Comparison */
/**
 * @typedef {Record<string, any> & { settled: boolean, revision: number | null, settled_at: string | null,
 *   findings: Finding[], client: Record<string, unknown> | null,
 *   reconciliation: Comparison[] | { rows?: Comparison[] } | null,
 *   changes: { field: string, before: unknown, after: unknown }[], ads: object[], segments: object[] }} Summary
 */

const AT_LEAST_MS = 10_000;
const REST_PER_COST = 20;

export class Story extends EventTarget {
  /** @param {string} address of the summary, look back included */
  constructor(address) {
    super();
    this.address = address;
    /** @type {Summary | null} */
    this.summary = null;
    this.failed = false;
    this.version = -1;
    this.nextAt_ms = 0;
    this.isAsking = false;
  }

  /** Asks when there is something new and the last answer is old enough. @param {number} version @param {number} now_ms */
  keepUp(version, now_ms) {
    if (version !== this.version && now_ms >= this.nextAt_ms) this.ask(version);
  }

  /** @param {number} version */
  async ask(version) {
    if (this.isAsking) return;
    this.isAsking = true;
    const began = performance.now();
    try {
      const answer = await fetch(this.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.summary = await answer.json();
      this.version = version;
      this.failed = false;
    } catch {
      this.failed = true;
    }
    this.nextAt_ms = Date.now() + Math.max(AT_LEAST_MS, REST_PER_COST * (performance.now() - began));
    this.isAsking = false;
    this.dispatchEvent(new Event("change"));
  }
}

/** The comparison with the client's summary, whatever it is wrapped in. @param {Summary} summary @returns {Comparison[]} */
export function comparisons({ reconciliation }) {
  if (Array.isArray(reconciliation)) return reconciliation;
  return reconciliation?.rows ?? [];
}
