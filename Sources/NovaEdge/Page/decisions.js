// Decisions with their explanation, and the two buttons of those that wait for a person.

import { ask, mayAct, toast } from "./actions.js";
import { get, post } from "./api.js";
import { fill, find, make } from "./dom.js";
import { ago, clock, money, UNKNOWN } from "./format.js";
import { on, store } from "./store.js";
import { pending, refresh } from "./money.js";

const stateOf = (decision) => decision.status ?? decision.state ?? UNKNOWN;
const kindOf = (decision) => decision.action ?? decision.type ?? decision.kind ?? "decision";
const reasonOf = (decision) => decision.summary ?? decision.reason ?? decision.explanation ?? decision.message ?? "";

async function settle(decision, verb) {
  const name = `${kindOf(decision)} ${decision.worker ?? ""}`.trim();
  const approve = verb === "approve";
  const answer = await ask({
    title: `${approve ? "Approve" : "Reject"} ${name}?`, text: String(reasonOf(decision)), yes: approve ? "Approve" : "Reject", danger: !approve,
    fields: approve ? [] : [{ name: "reason", label: "Why (kept in the history)", required: true }],
  });
  if (!answer) return;
  try {
    await post(`/v1/decisions/${encodeURIComponent(decision.id)}/${verb}`, approve ? {} : { reason: answer.reason });
    toast(`${approve ? "Approved" : "Rejected"}: ${name}`, "good");
  } catch (error) {
    toast(`${name}: ${error.message}`, "bad");
  }
  await refresh();
}

/** A decision in brief; with its buttons where it waits. */
export function decisionCard(decision) {
  const waits = pending().includes(decision);
  return make("article", { class: "item", data: { decision: String(decision.id) } },
    make("header", {}, make("strong", {}, kindOf(decision)), " ",
      decision.worker ? make("a", { href: `#/worker/${encodeURIComponent(decision.worker)}` }, decision.worker) : null,
      make("span", { class: "chip", data: { tone: waits ? "warn" : "idle" } }, stateOf(decision))),
    make("p", {}, String(reasonOf(decision))),
    make("p", { class: "note" }, `#${decision.id}`, decision.at_stake_usd ? ` · at stake ${money(decision.at_stake_usd)}` : "",
      decision.at ?? decision.created_at ? ` · ${ago(decision.at ?? decision.created_at)}` : "",
      decision.expires_at ? ` · lapses ${ago(decision.expires_at)}` : ""),
    waits && mayAct() ? make("div", { class: "item-actions" },
      make("button", { type: "button", class: "primary", data: { verb: "approve" }, onclick: () => settle(decision, "approve") }, "Approve"),
      make("button", { type: "button", class: "quiet", data: { verb: "reject" }, onclick: () => settle(decision, "reject") }, "Reject")) : null);
}

let visible = false;

export function openDecisions() {
  visible = true;
  render();
  return () => { visible = false; };
}

function render() {
  if (!visible) return;
  const all = store.decisions;
  if (all === null) return fill(find("decisions"), make("section", { class: "card" }, make("p", { class: "empty" }, "The supervisor does not decide yet: there is nothing to show.")));
  if (all.length === 0) return fill(find("decisions"), make("section", { class: "card" }, make("p", { class: "empty" }, "No decision so far.")));
  const waiting = pending();
  const rest = all.filter((decision) => !waiting.includes(decision));
  fill(find("decisions"),
    waiting.length > 0 ? make("section", { class: "card" }, make("h2", {}, "Waiting for approval"), waiting.map(withDetail)) : null,
    rest.length > 0 ? make("section", { class: "card" }, make("h2", {}, "Made"), rest.map(withDetail)) : null);
}

function withDetail(decision) {
  const card = decisionCard(decision);
  const details = make("details", {}, make("summary", {}, "How it came about"), make("div", { class: "facts-slot" }));
  details.addEventListener("toggle", async () => {
    if (!details.open || details.dataset.loaded) return;
    details.dataset.loaded = "yes";
    let whole = decision;
    try { whole = await get(`/v1/decisions/${encodeURIComponent(decision.id)}`); } catch { /* the row says what it can */ }
    fill(details.querySelector(".facts-slot"), facts(whole));
  });
  card.append(details);
  return card;
}

/** Everything an answer says, as terms and values; nested values stay JSON. */
export function facts(value) {
  return make("dl", { class: "facts" }, Object.entries(value).filter(([, v]) => v !== null && v !== "").map(([key, v]) => [
    make("dt", {}, key.replaceAll("_", " ")),
    make("dd", {}, typeof v === "object" ? make("pre", {}, JSON.stringify(v, null, 1)) : /_at$|^at$/.test(key) ? clock(v) : String(v)),
  ]));
}

on("money", render);
