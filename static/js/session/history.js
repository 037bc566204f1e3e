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

/**
 * The first stretch of events that is not here: after which seq, and up to which. Null when all are here. Pure.
 * @param {ReadonlySet<number>} here @param {number} last_seq @param {number} [from] up to which seq it was looked for already
 * @returns {{ after: number, upTo: number } | null}
 */
export function missingIn(here, last_seq, from = 0) {
  let after = from;
  while (after < last_seq && here.has(after + 1)) after += 1;
  if (after >= last_seq) return null;
  let upTo = after + 1;
  while (upTo < last_seq && !here.has(upTo + 1)) upTo += 1;
  return { after, upTo };
}
