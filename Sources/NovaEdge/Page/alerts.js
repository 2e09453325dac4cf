// What is wrong now and what was: one entry an incident.

import { fill, find, make } from "./dom.js";
import { ago, clock } from "./format.js";
import { on, store } from "./store.js";
import { firing } from "./money.js";

const TONE = { critical: "bad", error: "bad", warning: "warn", notice: "held", info: "idle" };

export function alertCard(alert) {
  const since = alert.since ?? alert.fired_at ?? alert.opened_at ?? alert.at;
  return make("article", { class: "item" },
    make("header", {}, make("span", { class: "chip", data: { tone: TONE[alert.severity] ?? "warn" } }, alert.severity ?? "alert"), " ",
      alert.worker ? make("a", { href: `#/worker/${encodeURIComponent(alert.worker)}` }, alert.worker) : null),
    make("p", {}, String(alert.message ?? alert.summary ?? alert.name ?? alert.rule ?? "")),
    since ? make("p", { class: "note", title: clock(since) }, alert.resolved_at ? `over ${ago(alert.resolved_at)}` : `since ${ago(since)}`) : null);
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
  const past = all.filter((alert) => !now.includes(alert));
  fill(find("alerts"),
    make("section", { class: "card" }, make("h2", {}, "Now"), now.length === 0 ? make("p", { class: "empty" }, "All is well.") : now.map(alertCard)),
    past.length > 0 ? make("section", { class: "card" }, make("h2", {}, "Over"), past.map(alertCard)) : null);
}

on("money", render);
