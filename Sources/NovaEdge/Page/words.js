// The engine's words as people say them. Must never hide a word that it does not know: it is shown as it came.

import { money, UNKNOWN, whole } from "./format.js";

const ACTIONS = { scale_up: "Scale up", scale_down: "Scale down", kill: "Kill", pause: "Pause", resume: "Resume", deploy: "Deploy", none: "Nothing" };
const ALERTS = {
  negative_roi: "loses money", low_roi: "earns too little", budget_forecast: "budget will not last", budget_exceeded: "budget exceeded",
  crash_rate: "crashes often", worker_failed: "failed", worker_lost: "lost", supervisor_restarted: "supervisor restarted", unattributed: "money of nobody", source_stale: "no news of sales", unknown_model: "model without a price",
};

export const actionWord = (action) => ACTIONS[action] ?? spaced(action);
export const alertWord = (kind) => ALERTS[kind] ?? spaced(kind);
export const spaced = (word) => String(word ?? "").replaceAll("_", " ");

export function roi(value) {
  return value === null || value === undefined ? UNKNOWN : `${whole(value).replace("-", "−")} %`;
}

/** `50 … 400 %`; an end that is not known is open. */
export function interval(low, high) {
  const known = (value) => value !== null && value !== undefined;
  const text = (value) => whole(value).replace("-", "−");
  if (known(low) && known(high)) return `${text(low)} … ${text(high)} %`;
  if (known(low)) return `at least ${text(low)} %`;
  return known(high) ? `at most ${text(high)} %` : "";
}

/** How far it is to an action, in the fewest words: money before runs for a pause, runs before money else. */
export function far(distance) {
  if (!distance) return UNKNOWN;
  const amount = distance.amount_usd === null ? null : money(distance.amount_usd);
  const runs = distance.runs === null ? null : `${whole(distance.runs)} ${distance.runs === 1 ? "run" : "runs"}`;
  return (distance.action === "pause" ? amount ?? runs : runs ?? amount) ?? "–";
}

/** Whether it is so near that somebody should look. */
export const isNear = (distance) => Boolean(distance) && (distance.runs !== null && distance.runs <= 20);
