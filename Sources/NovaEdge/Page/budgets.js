// Budgets as bars: what is spent of each, what is set aside, what the day will come to. Must never show a limit that is
// not there as nought.

import { fill, make } from "./dom.js";
import { ago, money, micros, percent } from "./format.js";
import { store } from "./store.js";

/** The workers' own limits, the most used first. */
export function ofWorkers() {
  return (store.budgets?.budgets ?? []).filter((row) => row.scope !== "fleet" && row.limit_usd !== null)
    .sort((a, b) => share(b) - share(a));
}

export function share(row) {
  const limit = micros(row.limit_usd);
  return limit === null ? 0 : limit <= 0 ? 1 : micros(row.spent_usd) / limit;
}

/** The limit of the whole fleet for the day. */
export const ofFleet = () => (store.budgets?.budgets ?? []).find((row) => row.scope === "fleet" && row.period === "day") ?? null;

const holds = (worker) => (store.budgets?.held ?? []).find((hold) => hold.worker === worker);

/** Sets a bar: how full, where the day will end, in which tone. */
export function bar(meter, spent, limit, forecast, label) {
  const of = (value) => (value === null || value === undefined || micros(limit) === null ? null : micros(limit) <= 0 ? 100 : Math.min(100, (micros(value) / micros(limit)) * 100));
  const used = of(spent), later = of(forecast);
  meter.hidden = used === null;
  const [full, end] = meter.children;
  full.style.width = `${used ?? 0}%`;
  full.dataset.tone = used >= 100 ? "bad" : used >= 80 || later >= 100 ? "warn" : "good";
  end.style.left = `calc(${later ?? 0}% - 1px)`;
  end.hidden = later === null;
  meter.setAttribute("aria-label", used === null ? `${label}: no limit is known` : `${label}: ${percent(used, 0)} spent`);
}

export function budgetItem(row) {
  const hold = row.scope === "worker" ? holds(row.subject) : null;
  const meter = make("div", { class: "meter", role: "img" }, make("i", { class: "meter-fill" }), make("i", { class: "meter-forecast" }));
  bar(meter, row.spent_usd, row.limit_usd, row.period === "day" ? row.forecast_usd : null, row.subject ?? row.scope);
  const span = row.period === "day" ? "today" : "in all";
  return make("article", { class: "item budget", data: { budget: `${row.scope}:${row.subject ?? ""}:${row.period}` } },
    make("header", {}, row.scope === "worker" ? make("a", { href: `#/worker/${encodeURIComponent(row.subject)}` }, row.subject) : make("strong", {}, `${row.scope} ${row.subject ?? ""}`),
      hold ? make("span", { class: "chip", data: { tone: "held" } }, hold.pending ? `${hold.action} follows` : `held: ${hold.action}`) : null,
      make("span", { class: "push" }, money(row.spent_usd), make("small", {}, ` of ${money(row.limit_usd)} ${span}`))),
    meter,
    make("p", { class: "note" }, hold ? hold.why : row.level === "exhausted" ? "it is spent" : row.exhausted_at ? `spent ${ago(row.exhausted_at)} at this pace` : `${money(row.left_usd)} left`,
      micros(row.reserved_usd) > 0 ? `, ${money(row.reserved_usd)} set aside` : ""));
}

export function budgetList(element, most) {
  const rows = ofWorkers();
  fill(element, store.budgets === null ? make("p", { class: "empty" }, "Budgets are not known here.") :
    rows.length === 0 ? make("p", { class: "empty" }, "No worker has a budget of its own.") : rows.slice(0, most).map(budgetItem));
  return rows.length;
}
