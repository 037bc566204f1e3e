/** One title: audience and retention as charts, the strips of its sessions. */

import { LineChart } from "../charts/line_chart.js";
import { drawStrip, TEN_MINUTES_MS } from "../charts/strip.js";
import { all, maybe, pageData } from "../lib/dom.js";
import { elapsed, percent } from "../lib/durations.js";
import { onLookChange } from "../lib/theme.js";

const HEIGHT = 180;

const { audience, retention } = pageData("charts");
const { now_ms, rows } = pageData("strips");

function drawStrips() {
  for (const line of all(".session-row")) {
    const row = rows[line.dataset.id ?? ""];
    const canvas = maybe("canvas", line);
    const to_ms = row?.live ? now_ms : row?.last_at_ms;
    if (row && canvas instanceof HTMLCanvasElement) {
      drawStrip(canvas, row, { from_ms: to_ms - TEN_MINUTES_MS, to_ms });
    }
  }
}

function drawCharts() {
  const watched = maybe("#audience");
  const { since_ms, step_ms, values } = audience;
  if (watched) new LineChart(watched, { since_ms, step_ms, height: HEIGHT, whole: true, series: [{ label: "Viewers", values, filled: true }] });
  const kept = maybe("#retention");
  if (!kept) return;
  new LineChart(kept, {
    since_ms: 0,
    step_ms: retention.duration_ms / retention.shares.length,
    height: HEIGHT,
    series: [{ label: "Share", values: retention.shares, filled: true }],
    say: (share) => percent(share),
    sayX: (at_s) => elapsed(at_s * 1000),
  });
}

onLookChange(drawStrips);
drawStrips();
drawCharts();
