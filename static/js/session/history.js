/** The events that did not come with the page: fetched page by page, so that the first lanes do not wait for them. */

/** @typedef {import("../timeline/types.js").EventJson} EventJson */

const PAGE = 2000;

/**
 * @param {string} sessionAddress
 * @param {number} after the last seq that is here
 * @param {number} upTo the last seq that is wanted
 * @param {(events: EventJson[]) => void} take
 */
export async function loadHistory(sessionAddress, after, upTo, take) {
  let seq = after;
  while (seq < upTo) {
    const answer = await fetch(`${sessionAddress}events/?after=${seq}&limit=${PAGE}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    /** @type {{ events: EventJson[], next: number | null }} */
    const page = await answer.json();
    take(page.events.filter((event) => event.seq <= upTo));
    if (page.next === null) return;
    seq = page.next;
  }
}
