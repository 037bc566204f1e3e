/** Forwarding: the chart of a destination, fresh standings every five seconds, letters to act on, inputs by minute. */

import { LineChart } from "../charts/line_chart.js";
import { drawSparkline } from "../charts/sparkline.js";
import { all, maybe, one, pageData, setText } from "../lib/dom.js";
import { clock } from "../lib/durations.js";
import { bindGroups } from "../lib/groups.js";
import { onLookChange } from "../lib/theme.js";

/** @typedef {{name: string, since_ms: number, step_ms: number, sent: number[], p50: (number | null)[],
 *   p95: (number | null)[], open_since_ms: number | null}} Traffic */

const ASK_EVERY_MS = 5000;

/** @type {Record<string, Traffic>} */
let charts = pageData("charts") ?? {};
let chosen = firstToLookAt()?.dataset.destination ?? "";
/** @type {LineChart | null} */
let sent = null;
/** @type {LineChart | null} */
let latency = null;

/** The row of a destination that takes nothing, else the first. */
function firstToLookAt() {
  return maybe("#destinations tr:has(.circuit-open)") ?? maybe("#destinations [data-destination]");
}

function showChart() {
  const traffic = charts[chosen];
  if (!traffic) return;
  const { since_ms, step_ms, open_since_ms } = traffic;
  setText(one("#chart-head"), traffic.name);
  setText(one("#shaded"), open_since_ms ? `shaded: nothing accepted since ${clock(open_since_ms)}` : "");
  const shared = { since_ms, step_ms, height: 104, from_open_ms: open_since_ms };
  const sent_lines = { ...shared, series: [{ label: "Sent per minute", values: traffic.sent, filled: true }] };
  const latency_lines = {
    ...shared,
    series: [
      { label: "p50", values: traffic.p50 },
      { label: "p95", values: traffic.p95, colour: "series-2", dash: [4, 3] },
    ],
  };
  if (sent && latency) {
    sent.show(sent_lines);
    latency.show(latency_lines);
  } else {
    sent = new LineChart(one("#chart-sent"), sent_lines);
    latency = new LineChart(one("#chart-latency"), latency_lines);
  }
  for (const row of all("#destinations [data-destination]")) {
    row.classList.toggle("current", row.dataset.destination === chosen);
  }
}

async function refresh() {
  const stale = one("#stale");
  try {
    const answer = await fetch(`state/${location.search}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    charts = state.charts;
    drawDestinations(state.destinations);
    stale.hidden = true;
    showChart();
  } catch {
    if (stale.hidden) setText(stale.querySelector("span"), `not refreshed since ${clock(Date.now())}`);
    stale.hidden = false;
  }
  setTimeout(refresh, ASK_EVERY_MS);
}

/** The server's drawing takes the place of the old one, unless the reader is in it. @param {string} drawn */
function drawDestinations(drawn) {
  const box = one("#destinations");
  if (box.contains(document.activeElement)) return;
  box.replaceChildren(...new DOMParser().parseFromString(drawn, "text/html").body.childNodes);
}

one("#destinations").addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-choose]") : null;
  if (!(button instanceof HTMLElement)) return;
  chosen = button.dataset.choose ?? chosen;
  showChart();
});
/** What each input took, minute by minute. */
function drawInputs() {
  for (const canvas of all("#inputs canvas")) {
    const values = (canvas.dataset.values ?? "").split(",").map(Number);
    drawSparkline(/** @type {HTMLCanvasElement} */ (canvas), values, { width: 104, height: 20 });
  }
}

const letters = maybe("#letters");
if (letters) bindGroups(letters);
showChart();
drawInputs();
onLookChange(drawInputs);
setTimeout(refresh, ASK_EVERY_MS);
