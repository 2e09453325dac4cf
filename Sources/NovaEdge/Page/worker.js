// One worker's own page: what it is doing, what it costs and earns, its charts, its runs, its output, its actions.

import { buttons, mayAct, scale } from "./actions.js";
import { get, maybe, Refusal } from "./api.js";
import { charts } from "./charts.js";
import { facts } from "./decisions.js";
import { fill, find, make } from "./dom.js";
import { bytes, duration, money, percent, whole } from "./format.js";
import { eventItem, recent } from "./events.js";
import { follow } from "./logs.js";
import { tone, uptime, why } from "./states.js";
import { instancesOf, on } from "./store.js";
import { modelsCard } from "./models.js";
import { moneyCard, runsCard } from "./worth.js";
import { roi } from "./words.js";

const EVERY = 5000;

export function openWorker([name]) {
  const root = find("page-worker");
  if (!name) { location.hash = "#/"; return; }
  const head = make("header", { class: "page-head" });
  const card = (key) => make("section", { class: "card", data: { part: key } });
  const instances = card("instances"), worth = card("money"), over = card("charts"), output = card("output"), runs = card("runs"), models = card("models"), settings = card("settings"), events = card("events");
  fill(root, head, instances, worth, over, make("div", { class: "columns even" }, make("div", { class: "stack" }, output, settings), make("div", { class: "stack" }, models, runs, events)));
  models.hidden = true;
  let detail = null;
  let ended = false;
  let timer = null;
  const stops = [charts(over, name), follow(output, name)];

  function top() {
    const rows = instancesOf(name);
    const text = JSON.stringify(rows.map((row) => [row.state, Boolean(row.pid), row.instance]));
    if (top.shown === text) return;
    top.shown = text;
    const first = [...rows].sort((a, b) => (a.pid ? 0 : 1) - (b.pid ? 0 : 1))[0];
    fill(head, make("div", {}, make("a", { class: "back", href: "#/" }, "← Fleet"), make("h1", {}, name)),
      make("div", { class: "tools actions" }, first ? buttons(first, name) : null,
        first && mayAct() ? make("button", { type: "button", class: "quiet", data: { verb: "scale" }, onclick: () => scale(name, detail?.instances_wanted ?? rows.length) }, "Scale") : null));
  }

  function table() {
    const rows = instancesOf(name).sort((a, b) => a.instance - b.instance);
    fill(instances, make("h2", {}, rows.length === 1 ? "Instance" : `${rows.length} instances`),
      rows.length === 0 ? make("p", { class: "empty" }, detail ? "No instance." : "There is no such worker.") :
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Instances" }, make("table", { "aria-label": "Instances" }, make("thead", {}, make("tr", {}, ["No.", "State", "Why", "PID", "Up", "CPU", "Memory", "Tasks", "Crashes", "Cost/h", "Cost so far", "Revenue", "ROI"].map((title) => make("th", { scope: "col" }, title)))),
        make("tbody", {}, rows.slice(0, 200).map((row) => make("tr", { data: { target: `${row.name}@${row.instance}` } },
          make("th", { scope: "row" }, `@${row.instance}`), make("td", {}, make("span", { class: "chip", data: { tone: tone(row.state) } }, row.state)),
          make("td", { class: "wide" }, why(row) || row.status_text || ""), make("td", {}, row.pid ?? "–"), make("td", {}, uptime(row) || "–"),
          make("td", {}, row.pid ? percent(row.cpu_percent) : "–"), make("td", {}, row.pid ? bytes(row.memory_bytes) : "–"), make("td", {}, row.pid ? whole(row.tasks) : "–"),
          make("td", {}, `${row.crashes}/${row.max_crashes}`), make("td", {}, money(row.cost_per_hour_usd)), make("td", {}, money(row.cost_usd)),
          make("td", {}, money(row.revenue_usd)), make("td", {}, roi(row.roi_percent))))))),
      rows.length > 200 ? make("p", { class: "note" }, `The first 200 of ${rows.length}.`) : null);
  }

  function happened() {
    const rows = recent.filter((event) => event.worker === name).slice(0, 12);
    fill(events, make("h2", {}, "Events"), rows.length === 0 ? make("p", { class: "empty" }, "Nothing lately.") : make("ol", { class: "feed" }, rows.map(eventItem)));
  }

  function set() {
    const spec = detail.spec;
    fill(settings, make("h2", {}, "Settings"), make("p", { class: "command" }, make("code", {}, spec.command.join(" "))),
      make("details", {}, make("summary", {}, "Everything"), facts(flat(spec, detail))));
  }

  async function load() {
    clearTimeout(timer);
    try {
      const before = detail;
      detail = await get(`/v1/workers/${encodeURIComponent(name)}`);
      if (ended) return;
      if (!before) { table(); set(); }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!ended && !detail) {
        fill(settings, make("h2", {}, "Settings"), make("p", { class: "problem" }, error.message));
        for (const part of [worth, runs]) part.hidden = true;
      }
    }
    if (ended) return;
    const ask = (path) => maybe(path).catch(() => null);
    const [outlook, list, calls] = await Promise.all([ask(`/v1/outlook?target=${encodeURIComponent(name)}`), ask(`/v1/workers/${encodeURIComponent(name)}/runs?limit=12`),
      detail?.models ? ask(`/v1/gateway/calls?worker=${encodeURIComponent(name)}&limit=10`) : null]);
    if (ended) return;
    if (detail) {
      moneyCard(worth, detail, outlook?.[0] ?? null);
      runsCard(runs, detail, list);
      modelsCard(models, detail.models, calls);
    }
    timer = setTimeout(again, EVERY);
  }
  const again = () => load().catch((error) => { if (!ended) fill(settings, make("p", { class: "problem" }, error.message)); });

  top(); table(); happened(); again();
  stops.push(on("rows", (touched) => {
    if (touched !== null && ![...touched].some((key) => key.startsWith(`${name}@`))) return;
    top(); table();
  }), on("recent", (event) => { if (!event || event.worker === name) happened(); }));
  const clockwork = setInterval(table, 1000);
  return () => { ended = true; clearInterval(clockwork); clearTimeout(timer); for (const stop of stops) stop(); };
}

function flat(spec, detail) {
  const limits = Object.fromEntries(Object.entries(spec.limits ?? {}).filter(([, value]) => value !== null).map(([key, value]) => [`limit_${key.replace(/_bytes$/, "")}`, /bytes/.test(key) ? bytes(value) : value]));
  const { limits: _, command: __, ...rest } = spec;
  for (const key of Object.keys(rest)) if (/_seconds$/.test(key) && rest[key] !== null) { rest[key.replace(/_seconds$/, "")] = duration(rest[key]); delete rest[key]; }
  for (const key of Object.keys(rest)) if (Array.isArray(rest[key])) rest[key] = rest[key].join(", ");
  return { ...rest, ...limits, limits_not_enforced: (detail.limits_not_enforced ?? []).join(", "), instances_wanted: detail.instances_wanted };
}
