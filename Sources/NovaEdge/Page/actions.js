// What can be done to a worker: asked for first, done, and its outcome said. The supervisor judges; buttons that would
// be refused are not offered to who may only look.

import { find, fill, make } from "./dom.js";
import { post, Refusal } from "./api.js";
import { store, target } from "./store.js";

export const mayAct = () => store.session?.role === "act";

const VERBS = {
  start: { title: "Start", fits: (r) => !r.pid },
  restart: { title: "Restart", fits: (r) => Boolean(r.pid), text: "It is stopped in order and started anew." },
  pause: { title: "Pause", fits: (r) => Boolean(r.pid) && r.state !== "paused", text: "It is frozen where it is; its memory still costs." },
  resume: { title: "Resume", fits: (r) => r.state === "paused" },
  stop: { title: "Stop", fits: (r) => r.state !== "stopped", text: "It stays stopped, also after a restart of the host, until it is started." },
  kill: { title: "Kill", fits: (r) => Boolean(r.pid), danger: true, text: "Every process of it gets SIGKILL now. Its policy then starts it again." },
  reset: { title: "Reset crashes", fits: (r) => r.state === "cooldown" || r.state === "failed" },
};

/** The verbs that fit a row. */
export const fitting = (row) => Object.keys(VERBS).filter((verb) => VERBS[verb].fits(row));

/** Says something in passing. */
export function toast(text, tone = "") {
  const element = make("div", { class: "toast", data: { tone } }, text);
  find("toasts").append(element);
  setTimeout(() => element.remove(), tone === "bad" ? 12_000 : 5_000);
}

// No submit button: Enter in a field would press the first one of the form.
find("confirm-no").addEventListener("click", () => find("confirm").close("no"));

/** Asks; resolves to the values of the fields, or null. */
export function ask({ title, text = "", yes = "Do it", danger = false, fields = [] }) {
  const dialog = find("confirm");
  fill(find("confirm-title"), title);
  fill(find("confirm-text"), text);
  fill(find("confirm-fields"), fields.map((field) => [
    make("label", { for: `field-${field.name}` }, field.label),
    make("input", { id: `field-${field.name}`, name: field.name, type: field.type ?? "text", value: String(field.value ?? ""),
      min: field.min, required: field.required, maxlength: "500", autocomplete: "off" }),
  ]));
  const button = find("confirm-yes");
  fill(button, yes);
  button.classList.toggle("danger", danger);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return resolve(null);
      resolve(Object.fromEntries(fields.map((field) => [field.name, find(`field-${field.name}`).value])));
    }, { once: true });
  });
}

/** One action on one target, after a confirmation. */
export async function act(verb, name, more = {}) {
  const { title, text, danger } = VERBS[verb] ?? { title: verb };
  if (text) {
    const answer = await ask({ title: `${title} ${name}?`, text, yes: title, danger, fields: verb === "pause" ? [{ name: "reason", label: "Reason (optional)" }] : [] });
    if (!answer) return;
    if (answer.reason) more = { ...more, reason: answer.reason };
  }
  await send({ targets: [name], action: verb, wait: false, ...more }, `${title} ${name}`);
}

export async function scale(name, current) {
  const answer = await ask({ title: `Scale ${name}`, text: "How many instances should run?", yes: "Scale", fields: [{ name: "count", label: "Instances", type: "number", min: "0", value: current, required: true }] });
  if (!answer || answer.count === "") return;
  await send({ targets: [name], action: "scale", count: Number(answer.count), wait: false }, `Scale ${name} to ${answer.count}`);
}

async function send(request, what) {
  try {
    const answer = await post("/v1/actions", request);
    for (const result of answer.results) {
      toast(`${what}: ${result.message ?? (result.ok ? "under way" : "failed")}`, result.ok ? "good" : "bad");
    }
  } catch (error) {
    toast(`${what}: ${error.message}`, "bad");
    if (!(error instanceof Refusal)) throw error;
  }
}

let open = null;

/** The actions of a row beside its button. */
export function menu(button, row) {
  close();
  if (!row) return;
  const name = target(row);
  const items = mayAct() ? fitting(row).map((verb) => make("button", { type: "button", role: "menuitem", class: VERBS[verb].danger ? "danger-text" : "", onclick: () => {
    close();
    act(verb, name).catch((error) => toast(String(error.message ?? error), "bad"));
  } }, VERBS[verb].title)) : [];
  items.push(make("a", { role: "menuitem", href: `#/worker/${encodeURIComponent(row.name)}`, onclick: close }, mayAct() ? "Details and logs" : "Details and logs (you may only look)"));
  open = make("div", { class: "menu", role: "menu", "aria-label": `Actions for ${name}` }, items);
  document.body.append(open);
  const box = button.getBoundingClientRect();
  const size = open.getBoundingClientRect();
  open.style.left = `${Math.max(8, Math.min(box.right - size.width, window.innerWidth - size.width - 8))}px`;
  open.style.top = `${box.bottom + size.height + 8 > window.innerHeight ? box.top - size.height - 4 : box.bottom + 4}px`;
  open.querySelector("[role=menuitem]")?.focus();
  open.addEventListener("keydown", (event) => {
    const all = [...open.querySelectorAll("[role=menuitem]")];
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") { close(); button.focus(); }
    if (event.key === "ArrowDown") { event.preventDefault(); all[(at + 1) % all.length].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); all[(at - 1 + all.length) % all.length].focus(); }
  });
}

function close() { open?.remove(); open = null; }
document.addEventListener("pointerdown", (event) => { if (open && !open.contains(event.target)) close(); });
window.addEventListener("scroll", close, { passive: true, capture: true });

/** Buttons of the same verbs for a worker's own page. */
export function buttons(row, name) {
  if (!mayAct()) return [make("span", { class: "note" }, "You may look, not act.")];
  return fitting(row).map((verb) => make("button", { type: "button", class: VERBS[verb].danger ? "danger" : "quiet", data: { verb }, onclick: () => act(verb, name).catch((error) => toast(String(error.message ?? error), "bad")) }, VERBS[verb].title));
}
