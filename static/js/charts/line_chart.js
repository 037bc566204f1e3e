/**
 * Lines over time with axes: the only file that knows uPlot. Series in the order given; a band says when something
 * was out of order.
 */

// @ts-expect-error served from node_modules under another address (settings.py, STATICFILES_DIRS)
import Uplot from "../../uplot/uPlot.esm.js";
import { onLookChange, tokens } from "../lib/theme.js";

/**
 * @typedef {{label: string, values: (number | null)[], colour?: string, dash?: number[], filled?: boolean}} Series
 * @typedef {{since_ms: number, step_ms: number, series: Series[], height?: number, from_open_ms?: number | null,
 *   say?: (value: number) => string, sayX?: (value: number) => string, least?: number, whole?: boolean}} Lines
 */

const HOUR_S = 3600;
/** Steps of an axis that counts: there is no half session. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1_000_000];

export class LineChart {
  /** @param {HTMLElement} box @param {Lines} lines */
  constructor(box, lines) {
    this.box = box;
    this.lines = lines;
    this.chart = null;
    onLookChange(() => this.draw());
    this.draw();
  }

  /** @param {Lines} lines */
  show(lines) {
    this.lines = lines;
    this.draw();
  }

  draw() {
    const width = this.box.clientWidth;
    if (!width) return;
    this.box.replaceChildren();
    this.chart = new Uplot(options(this.lines, width), columns(this.lines), this.box);
  }
}

/** uPlot wants columns: the moments, then each series. @param {Lines} lines */
function columns({ since_ms, step_ms, series }) {
  const most = Math.max(...series.map(({ values }) => values.length));
  const moments = Array.from({ length: most }, (_, at) => (since_ms + at * step_ms) / 1000);
  return [moments, ...series.map(({ values }) => values)];
}

/** @param {Lines} lines @param {number} width */
function options({ series, height = 118, from_open_ms, say = plain, sayX, least = 1, whole }, width) {
  const colours = tokens();
  const axis = {
    stroke: colours["ink-3"],
    font: `11px ${colours.sans}`,
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    tzDate: (/** @type {number} */ at_s) => Uplot.tzDate(new Date(at_s * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    scales: {
      x: { time: !sayX },
      y: { range: (/** @type {unknown} */ _, /** @type {number} */ __, /** @type {number | null} */ high) => [0, Math.max(least, (high ?? 0) * 1.08)] },
    },
    axes: [
      { ...axis, size: 24, space: 60, values: sayX ? mapped(sayX) : timeWords },
      { ...axis, size: 44, space: 26, values: mapped(say), ...(whole ? { incrs: WHOLE } : {}) },
    ],
    series: [{}, ...series.map((one) => line(one, colours))],
    hooks: { drawClear: [(/** @type {any} */ chart) => shade(chart, from_open_ms, colours["error-soft"])] },
  };
}

/** @param {Series} series @param {Record<string, string>} colours */
function line({ label, values, colour = "series", dash, filled }, colours) {
  // A line needs two points to be seen.
  const isSparse = values.filter((value) => value !== null).length < 3;
  return {
    label,
    stroke: colours[colour],
    width: 1.6,
    dash,
    fill: filled ? colours["series-soft"] : undefined,
    spanGaps: false,
    points: { show: isSparse, size: 4 },
  };
}

/** The time since which nothing got through. @param {any} chart @param {number | null | undefined} from_ms @param {string} colour */
function shade(chart, from_ms, colour) {
  if (!from_ms) return;
  const { left, top, width, height } = chart.bbox;
  const from = Math.max(left, chart.valToPos(from_ms / 1000, "x", true));
  chart.ctx.save();
  chart.ctx.fillStyle = colour;
  chart.ctx.fillRect(from, top, Math.max(0, left + width - from), height);
  chart.ctx.restore();
}

/** @param {(value: number) => string} say */
function mapped(say) {
  return (/** @type {unknown} */ _, /** @type {number[]} */ values) => values.map((value) => say(value));
}

/** @param {unknown} _ @param {number[]} moments @param {number} __ @param {number} ___ @param {number} step_s */
function timeWords(_, moments, __, ___, step_s) {
  return moments.map((at_s) => {
    const iso = new Date(at_s * 1000).toISOString();
    return step_s >= 24 * HOUR_S ? iso.slice(5, 10) : iso.slice(11, 16);
  });
}

/** @param {number} value */
function plain(value) {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
