// What a worker costs and earns, how far it is from being paused, killed or scaled, and its last runs.

import { fill, make } from "./dom.js";
import { ago, clock, micros, money, percent, UNKNOWN, whole } from "./format.js";
import { actionWord, far, interval, isNear, roi } from "./words.js";

const WINDOWS = [["day", "Today"], ["week", "This week"], ["month", "This month"], ["lifetime", "In all"]];

const head = (titles) => make("thead", {}, make("tr", {}, titles.map((title) => make("th", { scope: "col" }, title))));
const sign = (value) => (value === null || value === undefined ? "" : value < 0 ? "bad" : "good");

/** Money by span of time, and the distances. */
export function moneyCard(root, detail, outlook) {
  const sums = detail.money;
  fill(root, make("div", { class: "columns even flush" },
    make("div", {}, make("h2", {}, "Money"),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Money" }, make("table", { "aria-label": "Money by span of time" }, head(["Time", "Cost", "Revenue", "Profit", "ROI", "Runs", "Went well"]),
        make("tbody", {}, WINDOWS.map(([key, title]) => row(title, key, sums[key]))))),
      make("p", { class: "note" }, [
        outlook && interval(outlook.roi_lower_percent, outlook.roi_upper_percent) ? `ROI surely ${interval(outlook.roi_lower_percent, outlook.roi_upper_percent)}` : "",
        detail.budget_left_usd === null ? "no budget of its own" : `${money(detail.budget_left_usd)} of its budget left`,
        sums.last_run_at ? `last run ${ago(sums.last_run_at)}` : "",
      ].filter(Boolean).join(" · "))),
    make("div", {}, make("h2", {}, "How far from"), distances(detail, outlook))));
}

function row(title, key, sum) {
  return make("tr", { data: { window: key } }, make("th", { scope: "row" }, title), make("td", {}, money(sum.cost_usd)), make("td", {}, money(sum.revenue_usd)),
    make("td", { data: { sign: sign(micros(sum.profit_usd)) } }, money(sum.profit_usd, { sign: true })),
    make("td", { data: { sign: sign(sum.roi_percent) } }, roi(sum.roi_percent)), make("td", {}, whole(sum.runs)),
    make("td", {}, sum.runs > 0 ? percent((100 * sum.runs_ok) / sum.runs) : UNKNOWN));
}

function distances(detail, outlook) {
  if (!outlook) return make("p", { class: "empty" }, "Not known here.");
  return [make("dl", { class: "facts" }, outlook.distances.map((distance) => [
    make("dt", {}, actionWord(distance.action)),
    make("dd", {}, make("strong", { data: { tone: isNear(distance) && distance.action !== "scale_up" ? "warn" : "" } }, far(distance)), ` ${distance.meaning}`),
  ])),
  make("p", { class: "note" }, outlook.action === "none" ? `Nothing is due: ${outlook.reason}.` : `Due: ${actionWord(outlook.action)}, ${outlook.reason}.`,
    detail.last_decision ? ` Last decision ${detail.last_decision.replaceAll("_", " ").replace(/T(\d\d:\d\d).*/, " $1 UTC")}.` : "")];
}

/** The newest runs; the last exits where the worker reports none. */
export function runsCard(root, detail, runs) {
  const title = make("h2", {}, "Runs");
  if (!runs || runs.length === 0) return fill(root, title, lastExits(detail));
  fill(root, title, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs" }, make("table", { "aria-label": "The last runs" }, head(["Ended", "Run", "Outcome", "Cost", "Revenue"]),
    make("tbody", {}, runs.map((run) => make("tr", { data: { run: run.id } }, make("td", { title: clock(run.ended_at) }, ago(run.ended_at)), make("td", { class: "wide" }, run.id),
      make("td", {}, make("span", { class: "chip", data: { tone: run.ok ? "good" : "bad" } }, run.ok ? "ok" : "failed")), make("td", {}, money(run.cost_usd)), make("td", {}, money(run.revenue_usd))))))));
}

function lastExits(detail) {
  const rows = detail.instances.map((instance) => instance.row).filter((row) => row.last_exit);
  if (rows.length === 0) return make("p", { class: "empty" }, "No run has ended yet.");
  return make("ul", { class: "plain" }, rows.slice(0, 10).map((row) => make("li", {}, `@${row.instance} ended `,
    row.last_exit.oom ? "out of memory" : row.last_exit.signal ? `by signal ${row.last_exit.signal}` : `with ${row.last_exit.code ?? UNKNOWN}`,
    " ", make("span", { class: "note", title: clock(row.last_exit.at) }, ago(row.last_exit.at)))));
}
