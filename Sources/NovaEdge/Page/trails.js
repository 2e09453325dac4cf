// The last minute of a row before the page was opened, so that a sparkline begins full. Asked once for each worker in
// sight that has one instance: the history is the worker's. Must never hold up what comes live.

import { get } from "./api.js";
import { instancesOf, on, store, target, tell } from "./store.js";

// A few at a time: the supervisor has other things to do.
const AT_ONCE = 15, LENGTH = 60;
let asked = new Set();
let waiting = new Set();
let timer = null;

/** Those in sight. */
export function prefill(workers) {
  for (const name of workers) if (!asked.has(name)) waiting.add(name);
  if (waiting.size > 0 && timer === null) timer = setTimeout(ask, 200);
}

async function ask() {
  timer = null;
  const some = [...waiting].slice(0, AT_ONCE);
  for (const name of some) { asked.add(name); waiting.delete(name); }
  const names = some.filter((name) => instancesOf(name).length === 1);
  try {
    if (names.length === 0) return;
    const series = await get(`/v1/history?span=${LENGTH}s&step=1&${names.map((name) => `target=${encodeURIComponent(name)}`).join("&")}`);
    for (const one of series) begin(one);
    tell("trails");
  } catch { /* none of them begins full */ } finally {
    if (waiting.size > 0 && timer === null) timer = setTimeout(ask, 200);
  }
}

function begin(series) {
  const row = instancesOf(series.worker)[0];
  const trail = row && store.trails.get(target(row));
  if (!trail) return;
  // The newest step is not over yet.
  const before = series.points.slice(0, -1);
  trail.cpu = [...before.map((point) => point.cpu_percent), ...trail.cpu].slice(-LENGTH);
  trail.memory = [...before.map((point) => point.memory_bytes), ...trail.memory].slice(-LENGTH);
}

// What was missed while the stream was down is asked for again.
on("joined", () => { asked = new Set(); });
