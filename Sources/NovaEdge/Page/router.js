// Which page is shown: the part of the address after #, so that back, forward and a copied address work.

const pages = new Map();
let leave = null;
let current = null;

/** A page: `open(rest)` fills it and may return what to call when it is left. */
export function page(name, open) { pages.set(name, open); }

export const here = () => current;

/** Shows what the address says; `gate` may insist on another page. */
export function route(gate) {
  const words = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decode);
  let [name, ...rest] = words;
  if (!name) name = "fleet";
  if (name.startsWith("login=")) name = "fleet";
  const forced = gate();
  if (forced) { name = forced; rest = []; }
  if (!pages.has(name)) { name = "fleet"; rest = []; }
  leave?.();
  leave = null;
  for (const section of document.querySelectorAll(".page")) section.hidden = section.id !== `page-${name}`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.page === name || (name === "worker" && link.dataset.page === "fleet")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const changed = current !== null && current !== name;
  current = name;
  leave = pages.get(name)(rest) ?? null;
  if (changed) { window.scrollTo(0, 0); document.getElementById("main").focus({ preventScroll: true }); }
}

function decode(word) {
  try { return decodeURIComponent(word); } catch { return word; }
}
