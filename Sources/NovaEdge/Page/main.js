// The page's start: who is logged in, then the stream, then what the address says. Keys: / finds, g then f d a e goes.

import { get, onLost, post, remove } from "./api.js";
import { find, write } from "./dom.js";
import { openAlerts } from "./alerts.js";
import { openDecisions } from "./decisions.js";
import { loadRecent, openEvents, setUpEvents } from "./events.js";
import { refresh, stop } from "./money.js";
import { openFleet } from "./overview.js";
import { page, route } from "./router.js";
import { connect, disconnect, on, store } from "./store.js";
import { openWorker } from "./worker.js";
import { toast } from "./actions.js";

page("fleet", openFleet);
page("worker", openWorker);
page("decisions", openDecisions);
page("alerts", openAlerts);
page("events", openEvents);
page("login", () => { find("login-token").focus(); });

const show = () => route(() => (store.session ? null : "login"));

function welcome(session) {
  store.session = session;
  document.body.dataset.session = session ? session.role : "none";
  find("logout").hidden = !session;
  if (session) {
    find("logout").title = `${session.actor}, may ${session.role === "act" ? "look and act" : "look"}`;
    connect();
    refresh().catch((error) => toast(error.message, "bad"));
  } else {
    disconnect();
    stop();
  }
  show();
}

async function logIn(attempt) {
  const problem = find("login-problem");
  problem.hidden = true;
  try {
    welcome(await post("/session", attempt));
  } catch (error) {
    welcome(null);
    write(problem, error.message);
    problem.hidden = false;
  }
}

find("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = find("login-token");
  const token = field.value.trim();
  field.value = "";
  if (token) logIn({ token });
});

find("logout").addEventListener("click", async () => {
  try { await remove("/session"); } catch { /* the cookie ends by itself */ }
  welcome(null);
});

find("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
  try { localStorage.setItem("nova-theme", root.dataset.theme); } catch { /* for this visit only */ }
});

// A stream that begins anew may have missed events meanwhile.
on("joined", () => { loadRecent().catch((error) => toast(error.message, "bad")); });
onLost(() => { if (store.session) welcome(null); });
on("link", (state) => {
  const element = find("link-state");
  element.dataset.state = state;
  write(element.lastElementChild, { live: "live", lost: "reconnecting", away: "supervisor away" }[state] ?? state);
});

let going = 0;
const PLACES = { f: "#/", d: "#/decisions", a: "#/alerts", e: "#/events" };
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") { event.preventDefault(); find("search").focus(); }
  if (event.key === "g") { going = Date.now(); return; }
  if (Date.now() - going < 1500 && PLACES[event.key]) location.hash = PLACES[event.key];
  going = 0;
});

setUpEvents();
window.addEventListener("hashchange", () => {
  if (location.hash.startsWith("#login=")) start(); else show();
});

async function start() {
  const login = location.hash.match(/^#login=([0-9a-f]{64})$/);
  if (login) {
    // The code is used up; it need not stay in the history.
    history.replaceState(null, "", "/");
    return logIn({ code: login[1] });
  }
  try {
    welcome(await get("/session"));
  } catch {
    welcome(null);
  }
}
start();
