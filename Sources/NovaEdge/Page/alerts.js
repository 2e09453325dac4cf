// What is wrong now and what was: one entry an incident, with what can be done about being told of it.

import { mayAct, toast } from "./actions.js";
import { post } from "./api.js";
import { fill, find, make, redraw } from "./dom.js";
import { ago, clock } from "./format.js";
import { on, store } from "./store.js";
import { firing, refresh } from "./money.js";
import { alertWord } from "./words.js";

const TONE = { critical: "bad", warning: "warn", notice: "held", info: "idle" };

async function settle(alert, verb, body, done) {
  try {
    await post(`/v1/alerts/${encodeURIComponent(alert.id)}/${verb}`, body);
    toast(done, "good");
  } catch (error) {
    toast(`alert ${alert.id}: ${error.message}`, "bad");
  }
  await refresh();
}

function standing(alert) {
  if (alert.resolved_at) return `over ${ago(alert.resolved_at)}, lasted since ${clock(alert.raised_at)}`;
  const seen = alert.acknowledged_at ? ` · seen by ${alert.acknowledged_by ?? "somebody"} ${ago(alert.acknowledged_at)}` : "";
  const quiet = alert.state === "silenced" ? ` · silent until ${clock(alert.silenced_until)}` : "";
  return `since ${ago(alert.raised_at).replace(" ago", "")}${seen}${quiet}`;
}

export function alertCard(alert, { brief = false } = {}) {
  const lasts = !alert.resolved_at;
  return make("article", { class: "item", data: { alert: String(alert.id), state: alert.state } },
    make("header", {}, make("span", { class: "chip", data: { tone: lasts ? TONE[alert.severity] ?? "warn" : "idle" } }, alert.severity),
      alert.worker ? make("a", { href: `#/worker/${encodeURIComponent(alert.worker)}` }, alert.worker) : make("strong", {}, "fleet"),
      make("span", {}, alertWord(alert.kind))),
    make("p", {}, alert.message),
    make("p", { class: "note", title: clock(alert.raised_at) }, standing(alert)),
    brief || !lasts || !mayAct() ? null : make("div", { class: "item-actions" },
      alert.acknowledged_at ? null : make("button", { type: "button", class: "quiet", data: { verb: "ack" }, onclick: () => settle(alert, "ack", {}, "Noted: you have seen it") }, "I have seen it"),
      alert.state === "silenced" ? null : make("button", { type: "button", class: "quiet", data: { verb: "silence" }, onclick: () => settle(alert, "silence", { seconds: 3600 }, "Silent for an hour") }, "Silence for an hour")));
}

let visible = false;

export function openAlerts() {
  visible = true;
  render();
  return () => { visible = false; };
}

function render() {
  if (!visible) return;
  const all = store.alerts;
  if (all === null) return fill(find("alerts"), make("section", { class: "card" }, make("p", { class: "empty" }, "The supervisor has no alerts to show.")));
  const now = firing();
  const past = all.filter((alert) => alert.resolved_at);
  redraw(find("alerts"), () => fill(find("alerts"),
    make("section", { class: "card" }, make("h2", {}, "Now"), now.length === 0 ? make("p", { class: "empty" }, "All is well.") : now.map((alert) => alertCard(alert))),
    past.length > 0 ? make("section", { class: "card" }, make("h2", {}, "Over"), past.map((alert) => alertCard(alert))) : null));
}

on("money", render);
