/**
 * One requestAnimationFrame for everything that draws: whoever asks ten times in a frame is called once.
 * With reduced motion the picture of a live page moves in whole seconds; see `tick`.
 */

/** @type {Set<(now_ms: number) => void>} */
let waiting = new Set();
let asked = false;

/** Calls `draw` once in the next frame. @param {(now_ms: number) => void} draw */
export function nextFrame(draw) {
  waiting.add(draw);
  if (asked) return;
  asked = true;
  requestAnimationFrame(run);
}

/** @param {number} now_ms */
function run(now_ms) {
  const due = waiting;
  waiting = new Set();
  asked = false;
  for (const draw of due) draw(now_ms);
}

const REDUCED = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the person asked for less motion. */
export function isMotionReduced() {
  return REDUCED.matches;
}

/**
 * Calls `move` while the page is visible, `every_ms` apart (a second with reduced motion), until the returned function
 * is called.
 * @param {() => void} move
 * @param {number} every_ms
 */
export function tick(move, every_ms) {
  /** @type {number | undefined} */
  let timer;
  const again = () => {
    timer = window.setTimeout(again, REDUCED.matches ? Math.max(1000, every_ms) : every_ms);
    if (!document.hidden) nextFrame(move);
  };
  again();
  return () => window.clearTimeout(timer);
}
