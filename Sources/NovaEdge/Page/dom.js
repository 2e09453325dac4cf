// Making and finding elements. Text only ever becomes a text node: nothing that a worker says can become markup.

export const find = (id) => document.getElementById(id);

/** An element with properties and children; a string child is text. `on…` are listeners, `data` a data set. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "data") Object.assign(element.dataset, value);
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for drawings. */
export function draw(name, properties = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) element.setAttribute(key, value);
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what is inside. */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

/** Draws anew inside of `root`; a button of an entry that had the focus has it again. */
export function redraw(root, body) {
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  const entry = active?.closest("[data-alert], [data-decision]")?.dataset;
  const verb = active?.dataset.verb;
  body();
  if (!entry || !verb) return;
  const [key, value] = entry.alert ? ["alert", entry.alert] : ["decision", entry.decision];
  root.querySelector(`[data-${key}="${CSS.escape(value)}"] [data-verb="${CSS.escape(verb)}"]`)?.focus({ preventScroll: true });
}

/** Sets the text where it differs: an untouched text node is not read out again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A line of up to 60 points; what is unknown is a gap. */
export function sparkline(points, top = null) {
  const width = 48, height = 20;
  const known = points.filter((p) => p !== null);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "spark", "aria-hidden": "true" });
  if (known.length < 2) return svg;
  const high = Math.max(top ?? 0, ...known, 1e-9);
  const step = width / Math.max(1, points.length - 1);
  let path = "", pen = false;
  points.forEach((point, index) => {
    if (point === null) { pen = false; return; }
    const x = (index * step).toFixed(1), y = (height - 1.5 - (point / high) * (height - 3)).toFixed(1);
    path += `${pen ? "L" : "M"}${x} ${y}`;
    pen = true;
  });
  svg.append(draw("path", { d: path }));
  return svg;
}
