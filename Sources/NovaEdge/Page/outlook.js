// How far each worker is from pause, kill and scale: asked for those in sight alone, anew when it may have changed.
// Must never ask for a whole large fleet.

import { maybe } from "./api.js";
import { on, tell } from "./store.js";

const FRESH = 15_000, AT_ONCE = 40;
const known = new Map();
let wanted = new Set();
let timer = null;
let isAsking = false;

/** What is known of a worker now; null before it was asked. */
export const outlook = (worker) => known.get(worker)?.row ?? null;

/** Those in sight. */
export function want(workers) {
  wanted = new Set(workers);
  later();
}

function later() {
  if (timer === null && !isAsking) timer = setTimeout(() => { timer = null; ask(); }, 250);
}

async function ask() {
  const now = Date.now();
  const names = [...wanted].filter((name) => !(now - (known.get(name)?.at ?? 0) < FRESH)).slice(0, AT_ONCE);
  if (names.length === 0) return;
  isAsking = true;
  let rows = null;
  try {
    rows = await maybe(`/v1/outlook?${names.map((name) => `target=${encodeURIComponent(name)}`).join("&")}`);
  } catch { /* a worker that has gone meanwhile, or nobody answers: asked again later */ }
  isAsking = false;
  for (const name of names) known.set(name, { at: Date.now(), row: rows ? null : known.get(name)?.row ?? null });
  for (const row of rows ?? []) known.set(row.worker, { at: Date.now(), row });
  tell("outlook");
  later();
}

setInterval(() => { if (wanted.size > 0 && document.visibilityState === "visible") later(); }, 5000);
on("event", (event) => {
  if (event.worker && /^(decision|budget|engine|money|revenue)\b/.test(event.type)) known.delete(event.worker);
});
