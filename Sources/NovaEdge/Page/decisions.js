// Decisions with their explanation, the two buttons of those that wait for a person, and whether the engine acts by
// itself.

import { ask, mayAct, toast } from "./actions.js";
import { get, maybe, post } from "./api.js";
import { fill, find, make, redraw } from "./dom.js";
import { ago, clock, money, percent, UNKNOWN, whole } from "./format.js";
import { on, store } from "./store.js";
import { pending, refresh } from "./money.js";
import { actionWord, interval, roi, spaced } from "./words.js";

const TONE = { pending: "warn", executed: "good", rejected: "idle", expired: "idle", stale: "idle", failed: "bad", withheld: "held" };
const nameOf = (decision) => `${actionWord(decision.action)} ${decision.worker}`;

async function settle(decision, verb) {
  const approve = verb === "approve";
  const answer = await ask({
    title: `${approve ? "Approve" : "Reject"}: ${nameOf(decision)}?`, text: `${decision.reason}. ${change(decision)}`, yes: approve ? "Approve" : "Reject", danger: approve && decision.action === "kill",
    fields: approve ? [] : [{ name: "reason", label: "Why (kept in the history)", required: true }],
  });
  if (!answer) return;
  try {
    await post(`/v1/decisions/${encodeURIComponent(decision.id)}/${verb}`, approve ? {} : { reason: answer.reason });
    toast(`${approve ? "Approved" : "Rejected"}: ${nameOf(decision)}`, "good");
  } catch (error) {
    toast(`${nameOf(decision)}: ${error.message}`, "bad");
  }
  await refresh();
}

const change = (decision) => (decision.from_instances === decision.to_instances ? "" : `${decision.from_instances} → ${decision.to_instances} instances`);

function marks(decision) {
  return [`#${decision.id}`, ago(decision.at), decision.stake_usd === null ? null : `${money(decision.stake_usd)} at stake`,
    decision.state === "pending" && decision.expires_at ? `lapses ${ago(decision.expires_at)}` : null,
    decision.resolved_at && decision.resolved_by ? `by ${decision.resolved_by}` : null].filter(Boolean).join(" · ");
}

/** A decision in brief; with its buttons where it waits. */
export function decisionCard(decision) {
  const waits = decision.state === "pending";
  return make("article", { class: "item", data: { decision: String(decision.id), state: decision.state } },
    make("header", {}, make("strong", {}, actionWord(decision.action)),
      make("a", { href: `#/worker/${encodeURIComponent(decision.worker)}` }, decision.worker),
      make("small", {}, change(decision)),
      waits ? null : make("span", { class: "chip", data: { tone: TONE[decision.state] ?? "idle" } }, decision.state)),
    make("p", {}, decision.reason),
    make("p", { class: "note", title: clock(decision.at) }, marks(decision)),
    decision.note ? make("p", { class: "note" }, `Note: ${decision.note}`) : null,
    waits && mayAct() ? make("div", { class: "item-actions" },
      make("button", { type: "button", class: "primary", data: { verb: "approve" }, "aria-label": `Approve: ${nameOf(decision)}`, onclick: () => settle(decision, "approve") }, "Approve"),
      make("button", { type: "button", class: "quiet", data: { verb: "reject" }, "aria-label": `Reject: ${nameOf(decision)}`, onclick: () => settle(decision, "reject") }, "Reject")) : null);
}

let visible = false;
let shown = "";

export function openDecisions() {
  visible = true;
  shown = "";
  render();
  autonomy().catch((error) => toast(error.message, "bad"));
  return () => { visible = false; };
}

async function autonomy() {
  const status = await maybe("/v1/autonomy");
  const box = find("autonomy");
  box.hidden = status === null;
  if (status === null || !visible) return;
  const sentence = status.halted ? `The engine is halted by ${status.halt_file}.` : status.enabled
    ? "The engine acts by itself; what is at stake above the limit waits here." : "The engine proposes; nothing happens without a yes here.";
  const t = status.thresholds;
  fill(box, make("header", { class: "card-head" }, make("h2", {}, `Engine: ${status.mode}, ${status.enabled ? "autonomous" : "asks first"}`),
    mayAct() ? make("button", { type: "button", class: "quiet", data: { verb: status.enabled ? "disable" : "enable" }, onclick: () => turn(!status.enabled) }, status.enabled ? "Ask first" : "Let it act") : null),
  make("p", {}, sentence),
  make("p", { class: "note" }, `Scales above ${t.scale_roi} % with ${t.scale_success_rate} % success, kills below ${t.kill_roi} %, deploys from ${t.min_roi} %, warns below ${t.warn_roi} %; after ${t.min_runs} runs; asks above ${money(t.require_approval_above)}.`,
    status.last_tick_at ? ` Looked ${ago(status.last_tick_at)}.` : ""));
}

async function turn(enabled) {
  const answer = await ask({ title: enabled ? "Let the engine act?" : "Ask first?", yes: enabled ? "Let it act" : "Ask first",
    text: enabled ? "It scales, pauses and kills workers by itself up to the limit of approval." : "It only proposes from now on." });
  if (!answer) return;
  try { await post("/v1/autonomy", { enabled }); } catch (error) { toast(error.message, "bad"); }
  await Promise.all([autonomy(), refresh()]);
}

function render() {
  if (!visible) return;
  const all = store.decisions;
  // What is open stays open: only a change is drawn.
  const text = JSON.stringify(all);
  if (text === shown && text !== "null") return;
  shown = text;
  const open = new Set([...document.querySelectorAll("#decisions [data-decision]")].filter((card) => card.querySelector("details")?.open).map((card) => card.dataset.decision));
  const card = (title, rows) => make("section", { class: "card" }, make("h2", {}, title), rows.map((decision) => withDetail(decision, open)));
  if (all === null) return fill(find("decisions"), make("section", { class: "card" }, make("p", { class: "empty" }, "The supervisor does not decide yet: there is nothing to show.")));
  if (all.length === 0) return fill(find("decisions"), make("section", { class: "card" }, make("p", { class: "empty" }, "No decision so far.")));
  const waiting = pending();
  const rest = all.filter((decision) => decision.state !== "pending");
  redraw(find("decisions"), () => fill(find("decisions"), waiting.length > 0 ? card("Waiting for approval", waiting) : null, rest.length > 0 ? card("Made", rest) : null));
}

function withDetail(decision, open) {
  const element = decisionCard(decision);
  const slot = make("div", { class: "explained" });
  const details = make("details", {}, make("summary", {}, "Why, and what else was weighed"), slot);
  details.addEventListener("toggle", () => { if (details.open && !slot.firstChild) fill(slot, explain(decision)); });
  element.append(details);
  // What waits for a person is explained without being asked.
  if (decision.state === "pending" || open.has(String(decision.id))) details.open = true;
  return element;
}

function explain(decision) {
  const seen = make("details", {}, make("summary", {}, "Every figure it saw"));
  seen.addEventListener("toggle", async () => {
    if (!seen.open || seen.dataset.loaded) return;
    seen.dataset.loaded = "yes";
    try {
      const { inputs, epoch } = await get(`/v1/decisions/${encodeURIComponent(decision.id)}`);
      seen.append(terms(inputs), epoch ? make("p", { class: "note" }, `Epoch ${epoch.number} since ${clock(epoch.since)}: ${epoch.reason}.`) : "");
    } catch (error) { seen.append(make("p", { class: "problem" }, error.message)); }
  });
  return [
    make("dl", { class: "facts" }, Object.entries({
      "Rule": `${spaced(decision.rule)}, ${decision.mode} mode`,
      "ROI": [roi(decision.roi_percent), interval(decision.roi_lower_percent, decision.roi_upper_percent)].filter(Boolean).join(", surely "),
      "Success": decision.success_rate_percent === null ? UNKNOWN : percent(decision.success_rate_percent),
      "Runs": `${whole(decision.runs)}, ${whole(decision.evaluated_runs)} of them evaluated`,
      "Cost and revenue": `${money(decision.cost_usd)} and ${money(decision.revenue_usd)}`,
      "Risk": `${decision.risk_band}, ${decision.risk_score} of 100`,
      "Confidence": decision.confidence === null ? null : percent(decision.confidence * 100),
      "Way": `${spaced(decision.route)}: ${decision.route_reason || "no reason is given"}`,
      [`In ${decision.other_mode} mode`]: `${actionWord(decision.other_action)}: ${decision.other_reason}`,
    }).filter(([, value]) => value !== null).map(([term, value]) => [make("dt", {}, term), make("dd", {}, value)])),
    decision.alternatives.length === 0 ? null : make("div", {}, make("p", { class: "note" }, "Not chosen"),
      make("ul", { class: "plain" }, decision.alternatives.map((other) => make("li", {}, make("strong", {}, actionWord(other.action)), `: ${other.reason}`)))),
    seen,
  ];
}

/** Lines of `term value` as a list. */
function terms(text) {
  return make("dl", { class: "facts small" }, text.split("\n").filter(Boolean).map((line) => {
    const at = line.indexOf(" ");
    return [make("dt", {}, spaced(at < 0 ? line : line.slice(0, at))), make("dd", {}, at < 0 ? "" : line.slice(at + 1))];
  }));
}

/** Everything an answer says, as terms and values; nested values stay JSON. */
export function facts(value) {
  return make("dl", { class: "facts" }, Object.entries(value).filter(([, v]) => v !== null && v !== "").map(([key, v]) => [
    make("dt", {}, spaced(key)),
    make("dd", {}, typeof v === "object" ? make("pre", {}, JSON.stringify(v, null, 1)) : /_at$|^at$/.test(key) ? clock(v) : String(v)),
  ]));
}

on("money", render);
