/** The lanes from top to bottom: names, heights, and what a lane says when it has nothing to show. */

/**
 * @typedef {"ruler" | "playback" | "ads" | "segment" | "playhead" | "bitrate" | "fps" | "dropped" | "events"} LaneName
 * @typedef {{ name: LaneName, label: string, height: number, icon: string, tall?: boolean, joined?: boolean }} Lane
 * @typedef {{ top: number, height: number }} Box
 */

/** @type {readonly Lane[]} tall: room for a second line; joined: no line beneath. */
export const LANES = [
  { name: "ruler", label: "UTC", height: 36, icon: "clock" },
  { name: "playback", label: "Playback", height: 32, icon: "play", tall: true },
  { name: "ads", label: "Ads", height: 34, icon: "ad", tall: true },
  { name: "segment", label: "Segment", height: 23, icon: "segment" },
  { name: "playhead", label: "Playhead", height: 78, icon: "playhead", tall: true },
  { name: "bitrate", label: "Bitrate", height: 48, icon: "qos", tall: true, joined: true },
  { name: "fps", label: "Frames/s", height: 25, icon: "", joined: true },
  { name: "dropped", label: "Dropped", height: 25, icon: "drop" },
  { name: "events", label: "Events", height: 46, icon: "custom", tall: true },
];

/** @type {Record<LaneName, Box>} */
export const BOXES = boxes();

export const HEIGHT = LANES.reduce((sum, { height }) => sum + height, 0);
export const RULER_HEIGHT = LANES[0].height;

function boxes() {
  let top = 0;
  const found = /** @type {Record<LaneName, Box>} */ ({});
  for (const { name, height } of LANES) {
    found[name] = { top, height };
    top += height;
  }
  return found;
}

/**
 * What every lane is drawn from.
 * @typedef {{
 *   context: CanvasRenderingContext2D,
 *   model: import("./model.js").TimelineModel,
 *   view: import("./types.js").View,
 *   width: number,
 *   x: (at_ms: number) => number,
 *   colors: import("../lib/theme.js").Tokens,
 *   missing: boolean,
 *   duration_ms: number | null,
 *   isLiveStream: boolean,
 * }} Scene
 */
