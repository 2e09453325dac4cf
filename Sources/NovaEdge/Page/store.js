// What the supervisor said last: rows by target, the system's status, and who wants to hear of a change.
// Fed by one stream of differences; a stream that breaks off begins anew with everything.

const HISTORY = 60;

export const store = {
  /** Rows by `name@instance`, as the API gives them. */
  rows: new Map(),
  /** The newest readings by target: {cpu: [], memory: []}. */
  trails: new Map(),
  status: null,
  session: null,
  /** Of budgets, decisions and alerts: null until known, or where the supervisor has no such page. */
  budgets: null,
  decisions: null,
  alerts: null,
  /** Clock of this machine minus that of the host, milliseconds. */
  offset: 0,
};

const listeners = new Map();

/** Calls `call` when `topic` changes: rows, status, money, decisions, alerts, event, link. Returns how to stop it. */
export function on(topic, call) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(call);
  return () => listeners.get(topic).delete(call);
}

export function tell(topic, value) {
  for (const call of listeners.get(topic) ?? []) call(value);
}

export const target = (row) => `${row.name}@${row.instance}`;

/** All instances of a worker. */
export const instancesOf = (name) => [...store.rows.values()].filter((row) => row.name === name);

export const now = () => Date.now() - store.offset;

function remember(row) {
  const key = target(row);
  let trail = store.trails.get(key);
  if (!trail) { trail = { cpu: [], memory: [] }; store.trails.set(key, trail); }
  trail.cpu.push(row.cpu_percent ?? null);
  trail.memory.push(row.memory_bytes ?? null);
  if (trail.cpu.length > HISTORY) { trail.cpu.shift(); trail.memory.shift(); }
}

let source = null;
let retry = null;
let pause = 500;
let leaving = null;

/** Begins the stream, as soon as somebody sees the page. */
export function connect() {
  disconnect();
  if (document.hidden) return;
  source = new EventSource("/live");
  source.addEventListener("rows", (message) => {
    pause = 500;
    tell("link", "live");
    const rows = JSON.parse(message.data);
    const seen = new Set();
    for (const row of rows) {
      row.seen = now();
      store.rows.set(target(row), row);
      remember(row);
      seen.add(target(row));
    }
    for (const key of [...store.rows.keys()]) if (!seen.has(key)) { store.rows.delete(key); store.trails.delete(key); }
    tell("rows", null);
    tell("joined");
  });
  source.addEventListener("delta", (message) => {
    tell("link", "live");
    const { changed, gone, at } = JSON.parse(message.data);
    if (at) store.offset = Date.now() - Date.parse(at);
    const touched = new Set();
    for (const part of changed) {
      const key = target(part);
      const row = Object.assign(store.rows.get(key) ?? {}, part);
      row.seen = now();
      store.rows.set(key, row);
      touched.add(key);
    }
    for (const key of gone) { store.rows.delete(key); store.trails.delete(key); touched.add(key); }
    for (const row of store.rows.values()) remember(row);
    tell("rows", touched);
  });
  source.addEventListener("status", (message) => {
    store.status = JSON.parse(message.data);
    tell("status");
  });
  source.addEventListener("event", (message) => tell("event", JSON.parse(message.data)));
  source.addEventListener("away", () => tell("link", "away"));
  source.onerror = () => {
    // A browser retries by itself only while the connection breaks, not after a refusal: one way for both.
    tell("link", "lost");
    source?.close();
    source = null;
    clearTimeout(retry);
    retry = setTimeout(() => { if (store.session) connect(); }, pause);
    pause = Math.min(pause * 2, 10_000);
  };
}

export function disconnect() {
  clearTimeout(retry);
  clearTimeout(leaving);
  source?.close();
  source = null;
}

// A browser opens six connections to one address, for all its tabs together, and keeps a page that was left as it was:
// whoever is not seen lets its stream go, or the seventh page would wait for ever.
document.addEventListener("visibilitychange", () => {
  clearTimeout(leaving);
  if (document.hidden) leaving = setTimeout(disconnect, 2000);
  else if (store.session && !source) connect();
});
window.addEventListener("pagehide", disconnect);
window.addEventListener("pageshow", (event) => { if (event.persisted && store.session) connect(); });
