// What a worker asks of models: today's calls, tokens and cost, and its last calls one by one.

import { fill, make } from "./dom.js";
import { ago, clock, money, UNKNOWN, whole } from "./format.js";
import { spaced } from "./words.js";

const TONES = { completed: "good", cached: "good", refused: "held", failed: "bad", interrupted: "warn", cut: "warn" };

/** Hidden where a worker may call no model and has called none. */
export function modelsCard(root, models, calls) {
  root.hidden = !models;
  if (!models) return;
  fill(root, make("h2", {}, "Models"),
    make("dl", { class: "facts" },
      make("dt", {}, "Today"), make("dd", { data: { fact: "today" } }, `${whole(models.calls_today)} ${models.calls_today === 1 ? "call" : "calls"}, ${whole(models.tokens_today)} tokens, ${money(models.cost_today_usd)}`),
      make("dt", {}, "Last minute"), make("dd", { data: { fact: "minute" } }, `${whole(models.tokens_per_minute)} tokens`),
      models.providers.length < 2 ? null : models.providers.map((one) => [make("dt", {}, one.provider), make("dd", {}, `${whole(one.calls_today)} calls, ${money(one.cost_today_usd)}`)])),
    list(calls));
}

function list(calls) {
  if (!calls) return make("p", { class: "empty" }, "The calls are not known here.");
  if (calls.length === 0) return make("p", { class: "empty" }, "No call yet.");
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Calls" }, make("table", { "aria-label": "The last calls" },
    make("thead", {}, make("tr", {}, ["Asked", "Model", "Tokens", "Cost", "Outcome"].map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, calls.map((call) => make("tr", { data: { call: call.id } }, make("td", { title: clock(call.at) }, ago(call.at)), make("td", { class: "wide" }, call.model),
      make("td", {}, tokens(call)), make("td", { title: call.estimated ? "an estimate: the provider has not said" : "" }, `${call.estimated ? "~" : ""}${money(cost(call))}`),
      make("td", { title: call.reason ?? "" }, make("span", { class: "chip", data: { tone: TONES[call.outcome] ?? "idle" } }, spaced(call.outcome))))))));
}

/** What it read and wrote; unknown where the provider has said neither. */
export function tokens(call) {
  const known = [call.input_tokens, call.cache_read_tokens, call.cache_write_tokens, call.output_tokens].filter((count) => count !== null && count !== undefined);
  return known.length === 0 ? UNKNOWN : whole(known.reduce((sum, count) => sum + count, 0));
}

/** Pico-dollars as the decimal text of micro-dollars, the last of them rounded. */
function cost(call) {
  const micro = (BigInt(call.cost_pico_usd) + 500_000n) / 1_000_000n;
  return `${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, "0")}`;
}
