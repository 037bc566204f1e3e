/** Where an event came from and went: asked of the REST API when an event is inspected. */

/** @typedef {import("./inspector.js").Origin} Origin */

/**
 * @typedef {{ destination: string, status: string, http_status: number | null, attempts: number, at: string | null,
 *   error: string }} Forward
 */

/** @param {string} sessionAddress @param {number} seq @returns {Promise<Origin>} */
export async function originOf(sessionAddress, seq) {
  const [detail, raw] = await Promise.all([
    json(`${sessionAddress}events/${seq}/`),
    json(`${sessionAddress}events/${seq}/raw/`).catch(() => null),
  ]);
  const isKept = raw?.raw && Object.keys(raw.raw).length > 0;
  return {
    raw: isKept ? raw.raw : null,
    sent_attributes: detail.sent_attributes,
    stored_at_ms: detail.stored_at_ms,
    deliveries: (detail.forwards ?? []).map(delivery),
  };
}

/** One destination's part in words. Pure. @param {Forward} forward */
export function delivery({ destination, status, http_status, attempts, at, error }) {
  const tries = `${attempts} ${attempts === 1 ? "try" : "tries"}`;
  const answer = http_status ? `answered ${http_status}` : "no answer yet";
  const words = status === "due" && !attempts ? "waits for its turn" : [answer, tries, error].filter(Boolean).join(", ");
  return { destination, status, words, finished_at_ms: millis(at) };
}

/** @param {string | null} iso */
function millis(iso) {
  return iso ? Date.parse(iso) : null;
}

/** @param {string} address */
async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
