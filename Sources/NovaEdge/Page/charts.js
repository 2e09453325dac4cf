// Charts over a span of time, drawn by Chart.js. What is unknown is a gap, and everything drawn can be read as a table.

import { get, Refusal } from "./api.js";
import { fill, make } from "./dom.js";
import { bytes, money, percent } from "./format.js";

const SPANS = [["1h", "1 hour"], ["1d", "1 day"], ["7d", "7 days"], ["30d", "30 days"]];
const SERIES = [
  { key: "cpu_percent", title: "CPU", show: (v) => percent(v), colour: "--chart-1" },
  { key: "memory_bytes", title: "Memory", show: bytes, colour: "--chart-2" },
  { key: "cost_usd", title: "Cost", show: (v) => money(v === null ? null : Number(v).toFixed(6)), colour: "--chart-3", bars: true },
  { key: "revenue_usd", title: "Revenue", show: (v) => money(v === null ? null : Number(v).toFixed(6)), colour: "--chart-4", bars: true },
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
  fill(root, make("header", { class: "card-head" }, make("h2", {}, "Over time"), tabs), note,
    make("div", { class: "charts" }, panels.map((panel) => make("figure", {}, make("figcaption", {}, panel.series.title, " ", panel.last), make("div", { class: "canvas" }, panel.canvas)))));

  function mark() {
    for (const button of tabs.children) button.setAttribute("aria-pressed", String(button.dataset.span === span));
  }

  async function load() {
    clearTimeout(timer);
    let history;
    try {
      history = await get(`/v1/history?worker=${encodeURIComponent(name)}&span=${span}`);
    } catch (error) {
      if (ended) return;
      note.textContent = error instanceof Refusal && error.status === 404 ? "The supervisor keeps no history." : error.message;
      return;
    }
    const Chart = await chartLibrary();
    if (ended) return;
    note.textContent = "";
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink-soft").trim(), line = style.getPropertyValue("--line").trim();
    const times = history.at.map((at) => Date.parse(at));
    const label = (index) => {
      const at = new Date(times[index]);
      return span === "1h" || span === "1d" ? at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }) : at.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
    };
    for (const [index, panel] of panels.entries()) {
      const values = history[panel.series.key].map((v) => (v === null ? null : Number(v)));
      const colour = style.getPropertyValue(panel.series.colour).trim();
      const known = values.filter((v) => v !== null);
      panel.last.textContent = known.length === 0 ? "unknown" : panel.series.bars ? panel.series.show(known.reduce((a, b) => a + b, 0)) : panel.series.show(known.at(-1));
      panel.canvas.setAttribute("aria-label", known.length === 0 ? `${panel.series.title}: unknown`
        : `${panel.series.title} over the last ${SPANS.find(([key]) => key === span)[1]}: from ${panel.series.show(Math.min(...known))} to ${panel.series.show(Math.max(...known))}, now ${panel.series.show(known.at(-1))}`);
      drawn[index]?.destroy();
      drawn[index] = new Chart(panel.canvas, {
        type: panel.series.bars ? "bar" : "line",
        data: { labels: times.map((_, i) => i), datasets: [{ data: values, borderColor: colour, backgroundColor: panel.series.bars ? colour : `${colour}22`, fill: !panel.series.bars, borderWidth: panel.series.bars ? 0 : 1.75, pointRadius: 0, spanGaps: false, tension: 0.15 }] },
        options: {
          animation: false, responsive: true, maintainAspectRatio: false, interaction: { mode: "index", intersect: false }, normalized: true,
          plugins: { legend: { display: false }, tooltip: { displayColors: false, callbacks: { title: (items) => new Date(times[items[0].dataIndex]).toLocaleString("en-GB"), label: (item) => panel.series.show(item.raw) } } },
          scales: {
            x: { grid: { display: false }, border: { color: line }, ticks: { color: ink, maxRotation: 0, autoSkip: true, maxTicksLimit: 6, callback: (value) => label(value) } },
            y: { beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { color: ink, maxTicksLimit: 4, callback: (value) => panel.series.show(value) } },
          },
        },
      });
      panel.canvas.dataset.points = String(known.length);
    }
    timer = setTimeout(load, span === "1h" ? 5000 : 60_000);
  }
  load();
  return () => { ended = true; clearTimeout(timer); for (const chart of drawn) chart?.destroy(); };
}
