// Charts over a span of time, drawn by Chart.js. What is unknown is a gap, and everything drawn can be read as a table.

import { get, Refusal } from "./api.js";
import { fill, make } from "./dom.js";
import { bytes, money, percent } from "./format.js";

// How far back, and how long each point is: some 300 points whatever the span.
const SPANS = [["1h", "1 hour", 10], ["1d", "1 day", 300], ["7d", "7 days", 1800], ["30d", "30 days", 7200]];
const dollars = (v) => money(v === null ? null : Number(v).toFixed(6));
const SERIES = [
  { key: "cpu_percent", title: "CPU", show: (v) => percent(v), colour: "--chart-1" },
  { key: "memory_bytes", title: "Memory", show: bytes, colour: "--chart-2", base: 1024 },
  { key: "cost_usd", title: "Cost", show: dollars, colour: "--chart-3", bars: true },
  { key: "revenue_usd", title: "Revenue", show: dollars, colour: "--chart-4", bars: true },
];

let library = null;
async function chartLibrary() {
  library ??= import("/page/chart.js").then(() => globalThis.Chart);
  return library;
}

/** Fills `root` with the charts of `name`; returns how to end them. */
export function charts(root, name) {
  let span = "1h";
  let drawn = [];
  let timer = null;
  let ended = false;
  const tabs = make("div", { class: "tabs", role: "group", "aria-label": "Span of time" }, SPANS.map(([key, title]) =>
    make("button", { type: "button", "aria-pressed": String(key === span), data: { span: key }, onclick: () => { span = key; mark(); load(); } }, title)));
  const note = make("p", { class: "note", role: "status" });
  const panels = SERIES.map((series) => ({ series, canvas: make("canvas", { role: "img", "aria-label": `${series.title} over time` }), last: make("span", { class: "note" }) }));
  const grid = make("div", { class: "charts" }, panels.map((panel) => make("figure", {}, make("figcaption", {}, panel.series.title, " ", panel.last), make("div", { class: "canvas" }, panel.canvas))));
  fill(root, make("header", { class: "card-head" }, make("h2", {}, "Over time"), tabs), note, grid);

  function mark() {
    for (const button of tabs.children) button.setAttribute("aria-pressed", String(button.dataset.span === span));
  }

  async function load() {
    clearTimeout(timer);
    const [key, title, step] = SPANS.find(([name]) => name === span);
    let history;
    try {
      history = await get(`/v1/workers/${encodeURIComponent(name)}/history?span=${key}&step=${step}`);
    } catch (error) {
      if (ended) return;
      note.textContent = error instanceof Refusal && error.status === 404 ? "There is no history of it." : error.message;
      grid.hidden = true;
      timer = setTimeout(load, 10_000);
      return;
    }
    const Chart = await chartLibrary().catch(() => null);
    if (ended || key !== span) return;
    note.textContent = Chart ? "" : "The charts cannot be drawn: libjs-chart.js is not installed on the host.";
    grid.hidden = false;
    const style = getComputedStyle(document.documentElement);
    const times = history.points.map((point) => Date.parse(point.at));
    for (const [index, panel] of panels.entries()) {
      const { series } = panel;
      const values = history.points.map((point) => (point[series.key] === null ? null : Number(point[series.key])));
      const known = values.filter((v) => v !== null);
      const sum = known.reduce((a, b) => a + b, 0);
      panel.last.textContent = known.length === 0 ? "unknown" : series.bars ? `${series.show(sum)} in all` : `${series.show(known.at(-1))} now`;
      panel.canvas.setAttribute("aria-label", known.length === 0 ? `${series.title}: unknown`
        : `${series.title} over the last ${title}: from ${series.show(Math.min(...known))} to ${series.show(Math.max(...known))}, ${panel.last.textContent}`);
      panel.canvas.dataset.points = String(known.length);
      panel.canvas.dataset.span = key;
      if (!Chart) continue;
      const old = drawn[index];
      if (old && old.nova === `${key} ${document.documentElement.dataset.theme ?? ""}`) {
        // The same picture a little later: moved on in place.
        old.data.labels = times;
        old.data.datasets[0].data = values;
        old.update("none");
        continue;
      }
      old?.destroy();
      drawn[index] = new Chart(panel.canvas, config(series, times, values, key, style));
      drawn[index].nova = `${key} ${document.documentElement.dataset.theme ?? ""}`;
    }
    timer = setTimeout(load, key === "1h" ? 5000 : 60_000);
  }
  load();
  return () => { ended = true; clearTimeout(timer); for (const chart of drawn) chart?.destroy(); };
}

function config(series, times, values, span, style) {
  const ink = style.getPropertyValue("--ink-soft").trim(), line = style.getPropertyValue("--line").trim();
  const colour = style.getPropertyValue(series.colour).trim();
  const label = (time) => (span === "1h" || span === "1d" ? new Date(time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
    : new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short" }));
  const highest = Math.max(0, ...values.filter((v) => v !== null));
  return {
    type: series.bars ? "bar" : "line",
    data: { labels: times, datasets: [{ data: values, borderColor: colour, backgroundColor: series.bars ? colour : `${colour}22`, fill: !series.bars, borderWidth: series.bars ? 0 : 1.75, pointRadius: 0, spanGaps: false, tension: 0.15, barPercentage: 1, categoryPercentage: 0.9 }] },
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, interaction: { mode: "index", intersect: false }, normalized: true,
      plugins: { legend: { display: false }, tooltip: { displayColors: false, callbacks: { title: (items) => new Date(times0(items[0])).toLocaleString("en-GB"), label: (item) => series.show(item.raw) } } },
      scales: {
        x: { grid: { display: false, borderColor: line }, ticks: { color: ink, maxRotation: 0, autoSkip: true, maxTicksLimit: 5, callback(value) { return label(this.getLabelForValue(value)); } } },
        y: { beginAtZero: true, suggestedMax: highest > 0 ? undefined : 1, grid: { color: line, drawBorder: false }, ticks: { color: ink, maxTicksLimit: 4, ...(series.base ? { stepSize: stepOf(highest) } : {}), callback: (value) => series.show(value) } },
      },
    },
  };
}

const times0 = (item) => item.chart.data.labels[item.dataIndex];

/** A third of the height in a power of two: memory is read in MiB, not in millions of bytes. */
const stepOf = (highest) => 2 ** Math.ceil(Math.log2(Math.max(1024, highest / 3)));
