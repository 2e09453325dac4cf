// One worker's own page: what it is doing, what it costs and earns, its charts, its runs, its output, its actions.

import { buttons, mayAct, scale } from "./actions.js";
import { get, maybe, Refusal } from "./api.js";
import { charts } from "./charts.js";
import { facts } from "./decisions.js";
import { fill, find, make } from "./dom.js";
import { ago, bytes, clock, duration, money, percent, UNKNOWN, whole } from "./format.js";
import { eventItem, recent } from "./events.js";
import { follow } from "./logs.js";
import { tone, uptime, why } from "./states.js";
import { instancesOf, on } from "./store.js";

export function openWorker([name]) {
  const root = find("page-worker");
  if (!name) { location.hash = "#/"; return; }
  const head = make("header", { class: "page-head" });
  const instances = make("section", { class: "card" });
  const over = make("section", { class: "card" });
  const output = make("section", { class: "card" });
  const runs = make("section", { class: "card" });
  const settings = make("section", { class: "card" });
  const events = make("section", { class: "card" });
  fill(root, head, instances, over, make("div", { class: "columns even" }, output, make("div", { class: "stack" }, runs, events, settings)));
  let detail = null;
  let ended = false;
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
      make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ["", "State", "Why", "PID", "Up", "CPU", "Memory", "Tasks", "Crashes", "Cost/h", "Cost so far", "Revenue", "ROI"].map((title) => make("th", { scope: "col" }, title)))),
        make("tbody", {}, rows.slice(0, 200).map((row) => make("tr", { data: { target: `${row.name}@${row.instance}` } },
          make("th", { scope: "row" }, `@${row.instance}`), make("td", {}, make("span", { class: "chip", data: { tone: tone(row.state) } }, row.state)),
          make("td", { class: "wide" }, why(row) || row.status_text || ""), make("td", {}, row.pid ?? "–"), make("td", {}, uptime(row) || "–"),
          make("td", {}, row.pid ? percent(row.cpu_percent) : "–"), make("td", {}, row.pid ? bytes(row.memory_bytes) : "–"), make("td", {}, row.pid ? whole(row.tasks) : "–"),
          make("td", {}, `${row.crashes}/${row.max_crashes}`), make("td", {}, money(row.cost_per_hour_usd)), make("td", {}, money(row.cost_usd)),
          make("td", {}, money(row.revenue_usd)), make("td", {}, row.roi_percent === null || row.roi_percent === undefined ? UNKNOWN : `${row.roi_percent} %`)))))));
  }

  function happened() {
    const rows = recent.filter((event) => event.worker === name).slice(0, 15);
    fill(events, make("h2", {}, "Events"), rows.length === 0 ? make("p", { class: "empty" }, "Nothing lately.") : make("ol", { class: "feed" }, rows.map(eventItem)));
  }

  async function load() {
    try {
      detail = await get(`/v1/workers/${encodeURIComponent(name)}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!ended) fill(settings, make("h2", {}, "Settings"), make("p", { class: "problem" }, error.message));
      return;
    }
    if (ended) return;
    table();
    const spec = detail.spec;
    fill(settings, make("h2", {}, "Settings"), make("p", { class: "command" }, make("code", {}, spec.command.join(" "))),
      make("details", {}, make("summary", {}, "Everything"), facts(flat(spec, detail))));
    const list = await maybe(`/v1/runs?worker=${encodeURIComponent(name)}&limit=20`).catch(() => null);
    if (ended) return;
    const found = list === null ? null : Array.isArray(list) ? list : list.runs ?? [];
    fill(runs, make("h2", {}, "Runs"), found === null ? lastExit(detail) : found.length === 0 ? make("p", { class: "empty" }, "No run so far.") :
      make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ["Ended", "Outcome", "Cost", "Revenue"].map((title) => make("th", { scope: "col" }, title)))),
        make("tbody", {}, found.map((run) => make("tr", {}, make("td", { title: clock(run.ended_at ?? run.at) }, ago(run.ended_at ?? run.at)),
          make("td", {}, run.outcome ?? run.status ?? (run.ok === true ? "ok" : run.ok === false ? "failed" : UNKNOWN)), make("td", {}, money(run.cost_usd)), make("td", {}, money(run.revenue_usd))))))));
  }

  top(); table(); happened();
  load().catch((error) => fill(settings, make("p", { class: "problem" }, error.message)));
  stops.push(on("rows", (touched) => {
    if (touched !== null && ![...touched].some((key) => key.startsWith(`${name}@`))) return;
    top(); table();
  }), on("event", (event) => { if (event.worker === name) happened(); }));
  const clockwork = setInterval(table, 1000);
  return () => { ended = true; clearInterval(clockwork); for (const stop of stops) stop(); };
}

function flat(spec, detail) {
  const limits = Object.fromEntries(Object.entries(spec.limits ?? {}).filter(([, value]) => value !== null).map(([key, value]) => [`limit_${key}`, /bytes/.test(key) ? bytes(value) : value]));
  const { limits: _, command: __, ...rest } = spec;
  for (const key of Object.keys(rest)) if (/_seconds$/.test(key) && rest[key] !== null) rest[key] = duration(rest[key]);
  for (const key of Object.keys(rest)) if (Array.isArray(rest[key])) rest[key] = rest[key].join(", ");
  return { ...rest, ...limits, limits_not_enforced: (detail.limits_not_enforced ?? []).join(", "), instances_wanted: detail.instances_wanted };
}

function lastExit(detail) {
  const rows = detail.instances.map((instance) => instance.row ?? instance).filter((row) => row.last_exit);
  if (rows.length === 0) return make("p", { class: "empty" }, "No run has ended yet.");
  return make("ul", { class: "plain" }, rows.slice(0, 10).map((row) => make("li", {}, `@${row.instance} ended `,
    row.last_exit.oom ? "out of memory" : row.last_exit.signal ? `by ${row.last_exit.signal}` : `with ${row.last_exit.code ?? UNKNOWN}`,
    " ", make("span", { class: "note", title: clock(row.last_exit.at) }, ago(row.last_exit.at)))));
}
