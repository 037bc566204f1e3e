/** The ads lane: each break a tinted bracket with its ads inside, and the segment lane beneath it. */

import { BOXES } from "./lanes.js";
import { hatch } from "./paint_bands.js";
import { cut, setFont } from "./surface.js";

/** @typedef {import("./lanes.js").Scene} Scene */
/** @typedef {import("./types.js").Ad} Ad */
/** @typedef {import("./types.js").AdBreak} AdBreak */
/** @typedef {import("./types.js").Segment} Segment */

// A narrower box would be nothing but its edges.
const ALL_EDGE_PX = 4;

/** @param {Scene} scene */
export function drawAds(scene) {
  const { model, width, x } = scene;
  if (!model.timeline.ad_break.length && !model.timeline.ad.length) {
    drawNothing(scene, BOXES.ads, "No ad events in this session");
    return;
  }
  for (const ad_break of model.timeline.ad_break) {
    const right = x(ad_break.end_ms ?? model.end_ms);
    if (right >= 0 && x(ad_break.start_ms) <= width) drawBreak(scene, ad_break, right);
  }
  for (const ad of model.timeline.ad) {
    const left = x(ad.start_ms) + 1;
    const right = x(ad.end_ms ?? model.end_ms) - 0.5;
    if (right < 0 || left > width) continue;
    drawAd(scene, ad, left, right);
    for (const at_ms of ad.clicks) drawClick(scene, x(at_ms));
  }
}

/** A tinted box with a top edge; no right edge while it is open. @param {Scene} scene @param {AdBreak} ad_break @param {number} right */
function drawBreak({ context, x, colors }, ad_break, right) {
  const { top, height } = BOXES.ads;
  const left = x(ad_break.start_ms);
  if (right - left < ALL_EDGE_PX) {
    context.fillStyle = colors.ad;
    context.fillRect(Math.floor(left), top + 3, Math.max(1, Math.round(right - left)), height - 7);
    return;
  }
  context.globalAlpha = ad_break.inferred ? 0.6 : 1;
  context.fillStyle = colors["ad-soft"];
  context.fillRect(left, top + 3, right - left, height - 7);
  context.fillStyle = colors.ad;
  context.fillRect(left, top + 3, right - left, 2);
  context.fillRect(left, top + 3, 1.5, height - 7);
  if (ad_break.end_ms !== null) context.fillRect(right - 1.5, top + 3, 1.5, height - 7);
  context.globalAlpha = 1;
}

/** @param {Scene} scene @param {Ad} ad @param {number} left @param {number} right */
function drawAd(scene, ad, left, right) {
  const { context, colors, width } = scene;
  const { top, height } = BOXES.ads;
  const [y, high] = [top + 9, height - 16];
  if (ad.result === "skipped" && right - left > ALL_EDGE_PX) {
    drawSkippedAd(scene, left, right, y, high);
    return;
  }
  context.globalAlpha = ad.inferred ? 0.65 : 1;
  context.fillStyle = colors.ad;
  context.fillRect(left, y, Math.max(1, right - left), high);
  context.globalAlpha = 1;
  const [from, to] = [Math.max(0, left), Math.min(width, right)];
  if (to - from <= 34) return;
  setFont(context, 10.5, 600);
  context.textAlign = "left";
  context.fillStyle = colors.surface;
  const title = ad.ad_content_title ?? ad.ad_content_id ?? `Ad ${ad.number}`;
  context.fillText(cut(context, title, to - from - 10), from + 5, y + high / 2 + 0.5);
}

/** Hatched, with a slanted end and a bar. @param {Scene} scene @param {number} left @param {number} right @param {number} y @param {number} high */
function drawSkippedAd({ context, colors }, left, right, y, high) {
  context.fillStyle = hatch(context, colors.ad, colors["ad-soft"], true);
  context.beginPath();
  context.moveTo(left, y);
  context.lineTo(right, y);
  context.lineTo(Math.max(left, right - 5), y + high);
  context.lineTo(left, y + high);
  context.fill();
  context.fillStyle = colors.ad;
  context.fillRect(right - 1, y - 1, 2, high + 2);
}

/** A pointer in a circle on the top edge. @param {Scene} scene @param {number} x */
function drawClick({ context, colors }, x) {
  const y = BOXES.ads.top + 7;
  context.fillStyle = colors.surface;
  context.beginPath();
  context.arc(x, y, 5.5, 0, 2 * Math.PI);
  context.fill();
  context.strokeStyle = colors.ad;
  context.lineWidth = 1.5;
  context.stroke();
  context.fillStyle = colors.ad;
  context.beginPath();
  context.moveTo(x - 2.4, y - 2.6);
  context.lineTo(x + 3.2, y - 0.4);
  context.lineTo(x + 0.6, y + 0.7);
  context.lineTo(x - 0.5, y + 3);
  context.fill();
}

/** @param {Scene} scene */
export function drawSegments(scene) {
  const { model, width, x } = scene;
  if (!model.timeline.segment.length) {
    drawNothing(scene, BOXES.segment, "No segment events in this session");
    return;
  }
  model.timeline.segment.forEach((segment, index) => {
    const left = x(segment.start_ms);
    const right = x(segment.end_ms ?? model.end_ms);
    if (right >= 0 && left <= width) drawSegment(scene, segment, index, left, right);
  });
}

/** @param {Scene} scene @param {Segment} segment @param {number} index @param {number} left @param {number} right */
function drawSegment({ context, width, colors }, segment, index, left, right) {
  const { top, height } = BOXES.segment;
  const isAllEdge = right - left < ALL_EDGE_PX;
  if (!isAllEdge) {
    context.fillStyle = index % 2 ? colors["segment-soft"] : colors.inset;
    context.fillRect(left, top + 3, right - left - 1, height - 7);
  }
  context.fillStyle = colors.segment;
  context.fillRect(isAllEdge ? Math.floor(left) : left, top + 3, isAllEdge ? 1 : 2, height - 7);
  if (isAllEdge) return;
  const from = Math.max(0, left);
  const words = segmentWords(segment);
  const room = Math.min(width, right) - from - (segment.result === "skipped" ? 20 : 14);
  if (room > 20) {
    setFont(context, 11, 500);
    context.textAlign = "left";
    context.fillStyle = colors["segment-text"];
    context.fillText(cut(context, words, room), from + 7, top + height / 2);
  }
  if (segment.result === "skipped") drawSkipMark(context, right, colors.segment);
}

/** @param {Segment} segment */
export function segmentWords(segment) {
  const { number, segment_title } = segment;
  return segment_title ? `${number}  ${segment_title}` : `Segment ${number}`;
}

/** @param {CanvasRenderingContext2D} context @param {number} right @param {string} color */
function drawSkipMark(context, right, color) {
  const { top, height } = BOXES.segment;
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(right - 9, top + 6);
  context.lineTo(right - 3, top + height / 2 - 0.5);
  context.lineTo(right - 9, top + height - 7);
  context.fill();
  context.fillRect(right - 3, top + 5, 2, height - 11);
}

/** A lane without data says why. @param {Scene} scene @param {import("./lanes.js").Box} box @param {string} words */
export function drawNothing({ context, width, colors }, { top, height }, words) {
  setFont(context, 11);
  context.textAlign = "left";
  context.fillStyle = colors["ink-3"];
  context.fillText(cut(context, words, width - 20), 10, top + height / 2);
}
