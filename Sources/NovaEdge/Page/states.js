// The words of states: their order, their colour, and the sentence beside them.

import { duration } from "./format.js";
import { now } from "./store.js";

/** What needs a look comes first. */
export const ORDER = ["failed", "lost", "cooldown", "backoff", "killing", "stopping", "starting", "paused", "running", "ready", "waiting", "completed", "stopped"];

const TONE = {
  running: "good", ready: "good", starting: "busy", stopping: "busy", killing: "busy", paused: "held",
  backoff: "warn", cooldown: "warn", failed: "bad", lost: "bad", waiting: "idle", completed: "idle", stopped: "idle",
};

export const tone = (state) => TONE[state] ?? "idle";

/** Why it is so, with what is left of a wait. */
export function why(row) {
  const passed = Math.max(0, (now() - (row.seen_wait ?? row.seen ?? now())) / 1000);
  const left = row.cooldown_remaining_seconds ?? row.backoff_remaining_seconds;
  if (left !== null && left !== undefined && (row.state === "cooldown" || row.state === "backoff")) {
    const counted = row.max_crashes > 0 ? `, crashes ${row.crashes}/${row.max_crashes}` : "";
    return `${duration(Math.max(0, left - passed))} left${counted}`;
  }
  if (row.state === "waiting" && row.next_run_at) {
    return `next run in ${duration((Date.parse(row.next_run_at) - now()) / 1000)}`;
  }
  return row.why ?? row.status_text ?? "";
}

export function uptime(row) {
  return row.started_at ? duration((now() - Date.parse(row.started_at)) / 1000) : "";
}
