// Today's money, budgets, decisions and alerts: asked for at the start, every half minute and when an event says that
// they changed. A page that the supervisor does not have leaves null, and null is shown as unknown.

import { maybe } from "./api.js";
import { fromMicros, micros } from "./format.js";
import { on, store, tell } from "./store.js";

let timer = null;
let asked = 0;

export async function refresh() {
  clearTimeout(timer);
  timer = setTimeout(() => refresh().catch(() => {}), 30_000);
  const mine = ++asked;
  const [budgets, decisions, alerts] = await Promise.all([
    maybe("/v1/budgets"), maybe("/v1/decisions?limit=100"), maybe("/v1/alerts?all=1&limit=100"),
  ].map((question) => question.catch(() => null)));
  if (mine !== asked) return;
  Object.assign(store, { budgets, decisions, alerts });
  tell("money");
}

export function stop() { clearTimeout(timer); asked += 1; }

/** A burst of events asks once. */
let soon = null;
on("event", (event) => {
  if (!/^(decision|approval|budget|alert|money|revenue|engine)\b/.test(event.type)) return;
  clearTimeout(soon);
  soon = setTimeout(() => refresh().catch(() => {}), 300);
});

/** What today's figures are, each null where it is not known. */
export function today() {
  const status = store.status ?? {};
  const spent = status.cost_today_usd ?? null;
  const revenue = status.revenue_today_usd ?? null;
  const budget = status.budget_today_usd ?? null;
  const forecast = status.forecast_today_usd ?? null;
  const models = status.model_cost_today_usd ?? null;
  const tokens = status.model_tokens_per_minute ?? null;
  const profit = spent === null || revenue === null ? null : fromMicros(micros(revenue) - micros(spent));
  const roi = profit === null || micros(spent) === 0 ? null : Math.round((micros(profit) / micros(spent)) * 100);
  return { spent, revenue, budget, forecast, profit, roi, models, tokens };
}

export const pending = () => (store.decisions ?? []).filter((decision) => decision.state === "pending");
export const firing = () => (store.alerts ?? []).filter((alert) => !alert.resolved_at);
