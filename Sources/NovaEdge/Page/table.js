// The fleet as a table of which only the rows in sight exist: 10,000 workers are as quick as ten. Rows keep their
// elements and are changed in place; every row is a stop of the arrow keys.

import { fill, make, sparkline, write } from "./dom.js";
import { bytes, money, percent, UNKNOWN } from "./format.js";
import { ORDER, tone, uptime, why } from "./states.js";
import { outlook, want } from "./outlook.js";
import { store, target } from "./store.js";
import { prefill } from "./trails.js";
import { far, interval, isNear, roi } from "./words.js";
import { menu } from "./actions.js";

const COLUMNS = [
  { key: "name", title: "Worker", order: (r) => r.name },
  { key: "state", title: "State", order: (r) => ORDER.indexOf(r.state) },
  { key: "cpu", title: "CPU", number: true, order: (r) => -(r.cpu_percent ?? -1) },
  { key: "memory", title: "Memory", number: true, order: (r) => -(r.memory_bytes ?? -1) },
  { key: "cost", title: "Cost/h", number: true, order: (r) => -Number(r.cost_per_hour_usd ?? -1) },
  { key: "roi", title: "ROI", number: true, order: (r) => -(r.roi_percent ?? -1e9) },
  { key: "distance", title: "To pause · kill", number: true, order: (r) => nearest(outlook(r.name)) },
  { key: "act", title: "" },
];

export class Table {
  /** Fills `root`; `open(row)` is called for a row that was chosen. */
  constructor(root, open) {
    this.open = open;
    this.sort = { key: "state", down: false };
    this.text = "";
    this.state = null;
    this.keys = [];
    this.shown = new Map();
    this.focused = 0;
    this.pending = false;
    this.head = make("div", { class: "row head", role: "row", "aria-rowindex": "1" },
      COLUMNS.map((column) => make("div", { role: "columnheader", class: `cell ${column.key}`, "aria-sort": "none", data: { key: column.key } },
        column.order ? make("button", { type: "button", onclick: () => this.sortBy(column.key) }, column.title) : make("span", { class: "visually-hidden" }, "Actions"))));
    this.body = make("div", { class: "rows", role: "rowgroup", tabindex: "-1" });
    this.space = make("div", { class: "space" });
    this.body.append(this.space);
    root.replaceChildren(make("div", { role: "rowgroup" }, this.head), this.body);
    this.root = root;
    this.body.addEventListener("scroll", () => this.later(), { passive: true });
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.later()).observe(this.body);
  }

  sortBy(key) {
    this.sort = { key, down: this.sort.key === key ? !this.sort.down : false };
    this.arrange();
  }

  filter(text, state) {
    this.text = text.trim().toLowerCase();
    this.state = state;
    return this.arrange();
  }

  /** The order anew: after a change of the rows' number, of states, of the sorting or of the filter. */
  arrange() {
    const column = COLUMNS.find((c) => c.key === this.sort.key);
    const rows = [...store.rows.values()].filter((row) =>
      (!this.text || row.name.includes(this.text) || (row.status_text ?? "").toLowerCase().includes(this.text)) &&
      (!this.state || tone(row.state) === this.state));
    rows.sort((a, b) => {
      const x = column.order(a), y = column.order(b);
      const first = x < y ? -1 : x > y ? 1 : 0;
      if (first !== 0) return this.sort.down ? -first : first;
      return a.name < b.name ? -1 : a.name > b.name ? 1 : a.instance - b.instance;
    });
    this.keys = rows.map(target);
    for (const cell of this.head.children) {
      cell.setAttribute("aria-sort", cell.dataset.key !== this.sort.key ? "none" : this.sort.down ? "descending" : "ascending");
    }
    this.root.setAttribute("aria-rowcount", String(this.keys.length + 1));
    this.later();
    return this.keys.length;
  }

  later() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.render(); });
  }

  get rowHeight() {
    return window.matchMedia("(max-width: 760px)").matches ? 96 : 56;
  }

  render() {
    const height = this.rowHeight;
    // The list is as high as its rows up to a screen, so that a short fleet has no empty box below it.
    const room = Math.max(3 * height, window.innerHeight - 190);
    this.body.style.height = `${Math.min(this.keys.length * height, room)}px`;
    this.space.style.height = `${this.keys.length * height}px`;
    const first = Math.max(0, Math.floor(this.body.scrollTop / height) - 4);
    const last = Math.min(this.keys.length, first + Math.ceil(this.body.clientHeight / height) + 9);
    const wanted = new Set(this.keys.slice(first, last));
    for (const [key, row] of this.shown) if (!wanted.has(key)) { row.element.remove(); this.shown.delete(key); }
    for (let index = first; index < last; index += 1) {
      const key = this.keys[index];
      let row = this.shown.get(key);
      if (!row) {
        row = this.build(key);
        this.shown.set(key, row);
        this.space.append(row.element);
      }
      row.element.style.transform = `translateY(${index * height}px)`;
      row.element.setAttribute("aria-rowindex", String(index + 2));
      row.element.tabIndex = index === this.focused ? 0 : -1;
      this.update(row, store.rows.get(key));
    }
    const names = [...wanted].map((key) => store.rows.get(key)?.name).filter(Boolean);
    // When the page had something to show, for whoever measures it.
    if (this.shown.size > 0 && performance.getEntriesByName("first-rows").length === 0) performance.mark("first-rows");
    want(names);
    prefill(names);
  }

  /** Only the rows in sight are looked at. */
  refresh() {
    for (const [key, row] of this.shown) {
      const value = store.rows.get(key);
      if (value) this.update(row, value);
    }
  }

  build(key) {
    const part = (name, ...children) => make("div", { role: "cell", class: `cell ${name}` }, ...children);
    const row = { key, parts: {} };
    const p = row.parts;
    p.name = make("a", { class: "worker-name", tabindex: "-1" });
    p.number = make("span", { class: "instance" });
    p.chip = make("span", { class: "chip" });
    p.why = make("span", { class: "why" });
    p.cpu = make("span", { class: "figure-text" });
    p.cpuLine = make("span", { class: "line" });
    p.memory = make("span", { class: "figure-text" });
    p.memoryLine = make("span", { class: "line" });
    p.cost = make("span", { class: "figure-text" });
    p.roi = make("span", { class: "figure-text" });
    p.interval = make("span", { class: "sub" });
    p.pause = make("span", { class: "sub" });
    p.kill = make("span", { class: "sub" });
    p.act = make("button", { type: "button", class: "icon", tabindex: "-1", "aria-haspopup": "dialog", onclick: (event) => {
      event.stopPropagation();
      menu(p.act, store.rows.get(key));
    } }, "⋯");
    row.element = make("div", { role: "row", class: "row", data: { target: key }, onclick: (event) => {
      if (!event.target.closest("button, a") && window.getSelection().isCollapsed) this.open(store.rows.get(key));
    } },
      part("name", p.name, p.number), part("state", p.chip, p.why), part("cpu", p.cpuLine, p.cpu),
      part("memory", p.memoryLine, p.memory), part("cost", p.cost), part("roi", p.roi, p.interval),
      part("distance", p.pause, p.kill), part("act", p.act));
    return row;
  }

  update(row, value) {
    if (!value) return;
    const p = row.parts;
    write(p.name, value.name);
    p.name.href = `#/worker/${encodeURIComponent(value.name)}`;
    write(p.number, `@${value.instance}`);
    write(p.chip, value.state);
    p.chip.dataset.tone = tone(value.state);
    const sentence = why(value) || uptime(value);
    write(p.why, sentence);
    p.why.title = sentence;
    write(p.cpu, value.pid ? percent(value.cpu_percent) : "–");
    write(p.memory, value.pid ? bytes(value.memory_bytes) : "–");
    write(p.cost, money(value.cost_per_hour_usd));
    write(p.roi, roi(value.roi_percent));
    p.roi.dataset.sign = value.roi_percent === null || value.roi_percent === undefined ? "" : value.roi_percent < 0 ? "bad" : "good";
    const view = outlook(value.name);
    write(p.interval, view ? interval(view.roi_lower_percent, view.roi_upper_percent) : "");
    this.distance(p.pause, view, "pause");
    this.distance(p.kill, view, "kill");
    p.act.setAttribute("aria-label", `Actions for ${row.key}`);
    const trail = store.trails.get(row.key);
    // Drawn anew only when a reading came.
    const stamp = trail ? `${trail.cpu.length}:${trail.cpu.at(-1)}:${trail.memory.at(-1)}:${store.tick ?? 0}` : "";
    if (stamp !== row.stamp && trail) {
      row.stamp = stamp;
      fill(p.cpuLine, sparkline(trail.cpu, 10));
      fill(p.memoryLine, sparkline(trail.memory));
    }
  }

  distance(element, view, action) {
    const found = view?.distances.find((distance) => distance.action === action) ?? null;
    const text = far(found);
    write(element, text === "–" || text === UNKNOWN ? "" : `${action} ${text}`);
    element.title = found ? `${action}: ${found.meaning}` : "";
    element.dataset.tone = isNear(found) ? "warn" : "";
  }

  onKey(event) {
    const here = event.target.closest(".row");
    if (!here) return;
    const index = this.keys.indexOf(here.dataset.target);
    const page = Math.max(1, Math.floor(this.body.clientHeight / this.rowHeight) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.keys.length, End: this.keys.length };
    if (event.key in moves) {
      event.preventDefault();
      this.focus(Math.min(this.keys.length - 1, Math.max(0, index + moves[event.key])));
    } else if (event.key === "Enter" && event.target === here) {
      this.open(store.rows.get(here.dataset.target));
    } else if ((event.key === "a" || event.key === "ContextMenu") && event.target === here) {
      event.preventDefault();
      this.shown.get(here.dataset.target)?.parts.act.click();
    }
  }

  focus(index) {
    this.focused = index;
    const top = index * this.rowHeight, bottom = top + this.rowHeight;
    if (top < this.body.scrollTop) this.body.scrollTop = top;
    else if (bottom > this.body.scrollTop + this.body.clientHeight) this.body.scrollTop = bottom - this.body.clientHeight;
    this.render();
    this.shown.get(this.keys[index])?.element.focus({ preventScroll: true });
  }
}

/** Runs to the nearer of pause and kill; far away when nothing is known. */
function nearest(view) {
  return Math.min(...(view?.distances ?? []).filter((d) => d.action !== "scale_up" && d.runs !== null).map((d) => d.runs), 1e12);
}
