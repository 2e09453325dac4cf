// What happened: the newest first, live, older ones on request.

import { get } from "./api.js";
import { fill, find, make } from "./dom.js";
import { clock, shortTime } from "./format.js";
import { on, tell } from "./store.js";

/** The newest 300, newest first. */
export const recent = [];
const SEVERITY = ["critical", "warning", "notice", "info"];

export function eventItem(event) {
  return make("li", { data: { severity: event.severity, id: String(event.id) } },
    make("time", { datetime: event.at, title: clock(event.at) }, shortTime(event.at)),
    make("span", { class: "dot", "aria-label": event.severity, role: "img" }),
    make("span", { class: "event-text" }, sentence(event),
      event.actor && event.actor !== "supervisor" ? make("small", {}, ` ${event.actor}`) : null));
}

/** The message with the worker's name in it as a link; before it where it does not name the worker. */
function sentence(event) {
  if (!event.worker) return event.message;
  const link = (text) => make("a", { href: `#/worker/${encodeURIComponent(event.worker)}` }, text);
  for (const name of event.instance ? [`${event.worker}@${event.instance}`, event.worker] : [event.worker]) {
    const at = ` ${event.message} `.search(new RegExp(`[^a-z0-9_-]${name}[^a-z0-9_-]`));
    if (at >= 0) return [event.message.slice(0, at), link(name), event.message.slice(at + name.length)];
  }
  return [link(event.instance ? `${event.worker}@${event.instance}` : event.worker), " ", event.message];
}

/** The newest events of the supervisor, once at the start. */
export async function loadRecent() {
  const rows = await get("/v1/events?limit=100");
  recent.splice(0, recent.length, ...rows.reverse());
  tell("recent");
  render();
}

on("event", (event) => {
  if (recent.some((known) => known.id === event.id)) return;
  recent.unshift(event);
  recent.length = Math.min(recent.length, 300);
  tell("recent", event);
  render();
});

let visible = false;
let older = [];

export function openEvents() {
  visible = true;
  older = [];
  render();
  return () => { visible = false; };
}

function render() {
  if (!visible) return;
  const worker = find("events-worker").value.trim();
  const least = find("events-severity").value;
  const rank = least ? SEVERITY.indexOf(least) : SEVERITY.length;
  const rows = [...recent, ...older].filter((event) =>
    (!worker || (event.worker ?? "").includes(worker)) && (!least || SEVERITY.indexOf(event.severity) <= rank));
  fill(find("events"), rows.length === 0 ? make("li", { class: "empty" }, "Nothing.") : rows.map(eventItem));
}

export function setUpEvents() {
  find("events-worker").addEventListener("input", render);
  find("events-severity").addEventListener("change", render);
  find("events-more").addEventListener("click", async () => {
    const first = [...recent, ...older].at(-1)?.id ?? 0;
    const rows = await get(`/v1/events?after=${Math.max(0, first - 201)}&limit=200`);
    older.push(...rows.filter((event) => event.id < first).reverse());
    find("events-more").hidden = first <= 1 || rows.length === 0;
    render();
  });
}
