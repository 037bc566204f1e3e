/**
 * The geometry of playback bands, the same on the timeline, the minimap and a ten-minute strip. Pure: says which
 * shapes to paint, paints nothing (paint_bands.js does).
 *
 * Height is attention: playing, ad and seeking stand at two thirds, buffering rises to the full height, a pause sinks
 * to one third, silence is a dashed line. Height and texture say the state where hue cannot.
 */

/**
 * A stretch of one state; `end_ms` null while it goes on.
 * @typedef {[state: string, start_ms: number, end_ms: number | null]} Piece
 */

/** @typedef {{state: string, x0: number, x1: number}} Band */

/**
 * `colour` names a token; `back` is what lies between the lines of a hatch.
 * @typedef {{kind: "fill" | "hatch" | "dash", colour: string, back?: string, x: number, y: number, width: number,
 *   height: number}} Shape
 */

/** Most serious last: in a pixel that several bands share, the most serious one shows. */
export const SERIOUSNESS = ["ended", "starting", "playing", "paused", "ad", "seeking", "no_signal", "buffering"];

/**
 * Where each piece lies on a track of `width` pixels that shows from_ms to to_ms. Pieces narrower than a pixel
 * collapse into one pixel with the most serious of them.
 * @param {Piece[]} pieces in order of time
 * @param {{from_ms: number, to_ms: number, width: number}} view
 * @returns {Band[]}
 */
export function bandsIn(pieces, { from_ms, to_ms, width }) {
  const scale = width / Math.max(1, to_ms - from_ms);
  /** @type {Band[]} */
  const bands = [];
  for (const [state, start_ms, end_ms] of pieces) {
    const until_ms = Math.min(end_ms ?? to_ms, to_ms);
    if (until_ms <= from_ms || start_ms >= to_ms) continue;
    const band = { state, x0: (Math.max(start_ms, from_ms) - from_ms) * scale, x1: (until_ms - from_ms) * scale };
    const last = bands[bands.length - 1];
    if (last && band.x1 - band.x0 < 1 && last.x1 - last.x0 < 1 && Math.floor(band.x0) === Math.floor(last.x0)) {
      last.state = moreSerious(last.state, state);
      last.x1 = band.x1;
    } else bands.push(band);
  }
  return bands;
}

/** @param {string} one @param {string} other */
export function moreSerious(one, other) {
  return SERIOUSNESS.indexOf(other) > SERIOUSNESS.indexOf(one) ? other : one;
}

/**
 * The shapes of one band in a lane that begins at `y` and is `height` high; `small` on strips and the minimap.
 * @param {Band} band
 * @param {number} y
 * @param {number} height
 * @param {boolean} [small]
 * @returns {Shape[]}
 */
export function shapesOf({ state, x0, x1 }, y, height, small = false) {
  const least = state === "buffering" || state === "seeking" ? 2 : 0.6;
  const width = Math.max(x1 - x0, least);
  const two_thirds = Math.round(height * 0.66);
  const box = { x: x0, y: y + height - two_thirds, width, height: two_thirds };
  switch (state) {
    case "playing":
      return [fill("playing", box)];
    case "paused":
      return [fill("paused", foot(box, Math.round(height * 0.3)))];
    case "buffering":
      return buffering({ x: x0, y, width, height }, small);
    case "seeking":
      return width < 5 ? [fill("seeking", box)] : comb(box);
    case "ad":
      return adBox(box, small ? 1.5 : 2);
    case "no_signal":
      return [{ kind: "dash", colour: "no-signal", x: x0, y: y + height - 3, width, height: 1.4 }];
    case "starting":
      return [fill("line-2", foot(box, 3))];
    default:
      return [];
  }
}

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/** @param {string} colour @param {Box} box @returns {Shape} */
function fill(colour, box) {
  return { kind: "fill", colour, ...box };
}

/** The lowest part of a box. @param {Box} box @param {number} height @returns {Box} */
function foot(box, height) {
  return { ...box, y: box.y + box.height - height, height };
}

/** @param {Box} box @param {boolean} small @returns {Shape[]} */
function buffering(box, small) {
  const cap = fill("buffering", { ...box, height: small ? 2 : 3 });
  if (box.width <= 5) return [fill("buffering", box)];
  return [{ kind: "hatch", colour: "buffering", back: "buffering-soft", ...box }, cap];
}

/** @param {Box} box @returns {Shape[]} */
function comb(box) {
  const teeth = [];
  for (let at = 0; at < box.width; at += 4) {
    teeth.push(fill("seeking", { ...box, x: box.x + at, width: Math.min(2, box.width - at) }));
  }
  return teeth;
}

/** An outlined box. @param {Box} box @param {number} edge @returns {Shape[]} */
function adBox(box, edge) {
  const outline = [
    fill("ad-soft", box),
    fill("ad", { ...box, height: edge }),
    fill("ad", foot(box, edge)),
  ];
  if (box.width <= 4) return outline;
  return [...outline, fill("ad", { ...box, width: 1 }), fill("ad", { ...box, x: box.x + box.width - 1, width: 1 })];
}
