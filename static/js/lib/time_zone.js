/**
 * In which zone clocks are spelt: UTC until a page chooses another. A zone is no more than its distance from UTC at a
 * moment, so that thousands of times can be spelt in a frame.
 */

/** @typedef {{ name: string, offsetAt: (at_ms: number) => number }} Zone offset in ms, ahead of UTC positive */

/** @type {Zone} */
export const UTC = { name: "utc", offsetAt: () => 0 };

/** Where the browser is. @type {Zone} */
export const LOCAL = {
  name: "local",
  offsetAt: (at_ms) => -(new Date(at_ms).getTimezoneOffset() || 0) * 60_000,
};

const DAY_MS = 86_400_000;

let zone = UTC;

/** A fixed distance from UTC, as a device reports it. @param {number} offset_ms @returns {Zone} */
export function deviceZone(offset_ms) {
  return { name: "device", offsetAt: () => offset_ms };
}

/** @param {Zone} chosen */
export function useZone(chosen) {
  zone = chosen;
}

/** The zone of the moment; the same object until another is chosen. */
export function zoneNow() {
  return zone;
}

/** @param {number} at_ms */
export function offsetAt(at_ms) {
  return zone.offsetAt(at_ms);
}

/** UTC, UTC+2, UTC−3:30. @param {number} at_ms @param {Zone} [of] */
export function zoneWords(at_ms, of = zone) {
  const minutes = Math.round(of.offsetAt(at_ms) / 60_000);
  if (!minutes) return "UTC";
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** The moment, or the second after it, as a date-and-time field holds it. @param {number} at_ms */
export function fieldText(at_ms) {
  const whole_ms = Math.ceil(at_ms / 1000) * 1000;
  return new Date(whole_ms + offsetAt(whole_ms)).toISOString().slice(0, 19);
}

/** What a date-and-time field holds, as a moment; null when it is empty. @param {string} text */
export function momentOf(text) {
  const as_utc = Date.parse(`${text}Z`);
  if (Number.isNaN(as_utc)) return null;
  // The offset is that of the moment itself, which the first guess is at most a zone away from.
  return as_utc - offsetAt(as_utc - offsetAt(as_utc));
}

/**
 * When the days between two moments begin where the page's zone is, newest first. Where clocks are put back a day has
 * 25 hours, so that each is looked up.
 * @param {number} from_ms
 * @param {number} to_ms the first moment after the last day
 */
export function daysBetween(from_ms, to_ms) {
  const starts = [];
  const first_ms = dayStart(from_ms);
  for (let at_ms = dayStart(to_ms - 1); at_ms >= first_ms; at_ms = dayStart(at_ms - 1)) starts.push(at_ms);
  return starts;
}

/** When the day of a moment began. @param {number} at_ms */
export function dayStart(at_ms) {
  const midnight_ms = Math.floor((at_ms + offsetAt(at_ms)) / DAY_MS) * DAY_MS;
  return midnight_ms - offsetAt(midnight_ms - offsetAt(at_ms));
}
