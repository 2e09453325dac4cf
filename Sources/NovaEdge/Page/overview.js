// The first page: today's money, the fleet, what waits for a person, what is wrong, what happened.

import { fill, find, make, redraw, write } from "./dom.js";
import { money, percent, UNKNOWN, whole } from "./format.js";
import { Table } from "./table.js";
import { ORDER, tone } from "./states.js";
import { on, store } from "./store.js";
import { firing, pending, today } from "./money.js";
import { decisionCard } from "./decisions.js";
import { alertCard } from "./alerts.js";
import { eventItem, recent } from "./events.js";
import { bar, budgetList, ofFleet } from "./budgets.js";
import { micros } from "./format.js";

let table = null;
let state = null;
let visible = false;

export function openFleet() {
  visible = true;
  if (!table) {
    table = new Table(find("grid"), (row) => { location.hash = `#/worker/${encodeURIComponent(row.name)}`; });
    find("search").addEventListener("input", arrange);
  }
  all();
  return () => { visible = false; };
}

function arrange() {
  const count = table.filter(find("search").value, state);
  find("grid-empty").hidden = count > 0 || store.rows.size === 0;
  find("grid").hidden = count === 0 && store.rows.size > 0;
  chips();
}

const TONES = [["bad", "failing"], ["warn", "recovering"], ["held", "paused"], ["busy", "changing"], ["good", "running"], ["idle", "at rest"]];

function chips() {
  const counts = {};
  for (const row of store.rows.values()) counts[tone(row.state)] = (counts[tone(row.state)] ?? 0) + 1;
  const wanted = TONES.filter(([key]) => counts[key] > 0 || key === state);
  const text = JSON.stringify([wanted.map(([key]) => [key, counts[key] ?? 0]), state]);
  if (chips.shown === text) return;
  chips.shown = text;
  fill(find("state-filter"), wanted.map(([key, title]) => make("button", {
    type: "button", class: "chip-button", "aria-pressed": String(state === key), data: { tone: key, filter: key },
    onclick: () => { state = state === key ? null : key; arrange(); },
  }, `${counts[key] ?? 0} ${title}`)));
}

function figures() {
  const t = today();
  write(find("spend-value"), money(t.spent));
  write(find("spend-of"), t.budget === null ? "of an unknown budget" : `of ${money(t.budget)}`);
  bar(find("spend-meter"), t.spent, t.budget, t.forecast, "today's budget");
  write(find("spend-note"), t.forecast === null ? "no forecast for the day yet" : `${money(t.forecast)} expected by the end of the day${left(t)}`);
  find("spend-models").hidden = t.models === null;
  write(find("spend-models"), t.models === null ? "" : `${money(t.models)} of it for models, ${whole(t.tokens)} tokens a minute`);
  write(find("revenue-value"), money(t.revenue));
  write(find("revenue-note"), t.revenue === null ? "nothing is reported yet" : "since midnight");
  write(find("profit-value"), money(t.profit, { sign: true }));
  find("profit-value").dataset.sign = t.profit === null ? "" : micros(t.profit) < 0 ? "bad" : "good";
  write(find("profit-note"), "revenue less spend");
  write(find("roi-value"), t.roi === null ? UNKNOWN : `${whole(t.roi)} %`);
  find("roi-value").dataset.sign = t.roi === null ? "" : t.roi < 0 ? "bad" : "good";
  write(find("roi-note"), "profit over spend");
}

const left = (t) => (t.budget === null || micros(t.forecast) <= micros(t.budget) ? "" : ", more than the budget");

function fleet() {
  const rows = [...store.rows.values()];
  const up = rows.filter((row) => tone(row.state) === "good").length;
  write(find("fleet-value"), `${up} / ${rows.length}`);
  find("fleet-value").setAttribute("aria-label", `${up} of ${rows.length} instances are up`);
  const cpu = rows.reduce((sum, row) => sum + (row.cpu_percent ?? 0), 0);
  const known = rows.filter((row) => row.cost_per_hour_usd !== null && row.cost_per_hour_usd !== undefined);
  const rate = known.reduce((sum, row) => sum + Number(row.cost_per_hour_usd), 0);
  write(find("fleet-note"), `${known.length > 0 ? `${money(rate.toFixed(6))} an hour, ` : ""}${percent(cpu, 0)} CPU`);
}

function warnings() {
  const sentences = store.status?.warnings ?? [];
  fill(find("warnings"), sentences.map((text) => make("p", { class: "banner", role: "alert" }, text)));
}

function rail() {
  const waiting = pending(), alerts = firing();
  redraw(find("approvals"), () => fill(find("approvals"), store.decisions === null ? nothing("Decisions are not known here.") : waiting.length === 0 ? nothing("Nothing waits for you.") : [waiting.slice(0, 4).map(decisionCard), more(waiting.length - 4, "#/decisions")]));
  fill(find("rail-alerts"), store.alerts === null ? nothing("Alerts are not known here.") : alerts.length === 0 ? nothing("All is well.") : [alerts.slice(0, 4).map((alert) => alertCard(alert, { brief: true })), more(alerts.length - 4, "#/alerts")]);
  const count = budgetList(find("rail-budgets"), 5);
  const fleet = ofFleet();
  write(find("budgets-note"), [count > 5 ? `5 of ${count}` : "", fleet?.limit_usd ? `${money(fleet.left_usd)} of the day left` : ""].filter(Boolean).join(", "));
  badge("badge-approvals", waiting.length);
  badge("badge-alerts", alerts.length);
}

const more = (count, place) => (count > 0 ? make("p", { class: "note" }, make("a", { href: place }, `and ${count} more`)) : null);
const nothing = (text) => make("p", { class: "empty" }, text);

function badge(id, count) {
  const element = find(id);
  element.hidden = count === 0;
  write(element, count === 0 ? "" : String(count));
}

function feed() {
  fill(find("rail-events"), recent.slice(0, 12).map(eventItem));
}

function all() {
  arrange(); figures(); fleet(); warnings(); rail(); feed();
  table.later();
}

let states = "";
on("rows", (touched) => {
  if (!visible) return;
  // Sorting 10,000 rows each second would be felt: only what changes the order does it.
  const text = touched === null ? null : [...touched].map((key) => store.rows.get(key)?.state ?? "gone").join();
  const moved = touched === null || table.keys.length !== store.rows.size || table.sort.key !== "state" || text !== states;
  states = text;
  store.tick = (store.tick ?? 0) + 1;
  if (moved) arrange(); else chips();
  table.refresh();
  fleet();
});
on("status", () => { if (visible) { figures(); warnings(); } });
on("money", () => { rail(); if (visible) figures(); });
on("recent", () => { if (visible) feed(); });
on("trails", () => { if (visible) table?.refresh(); });
on("outlook", () => { if (visible) table?.refresh(); });
setInterval(() => { if (visible && table) table.refresh(); }, 1000);
export { ORDER };
