// Values as people read them. What is unknown is "?", never 0.

export const UNKNOWN = "?";

/** A decimal string of dollars; with at least two places, more where the amount is small. */
export function money(text, { sign = false } = {}) {
  if (text === null || text === undefined) return UNKNOWN;
  const negative = String(text).startsWith("-");
  const [whole, fraction = ""] = String(text).replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const digits = fraction.padEnd(6, "0");
  // Below one cent the first two digits that say something; else cents, rounded by the decimal text itself.
  let shown;
  if (/^0*$/.test(whole) && /^00/.test(digits) && !/^0*$/.test(digits)) {
    const first = digits.search(/[1-9]/);
    shown = `${grouped}.${digits.slice(0, Math.min(6, first + 2))}`;
  } else {
    const cents = Math.round(Number(`${whole}.${digits}`) * 100);
    const units = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    shown = `${units}.${String(cents % 100).padStart(2, "0")}`;
  }
  const mark = negative && !/^[0.,]*$/.test(shown) ? "−" : sign && !/^[0.,]*$/.test(shown) ? "+" : "";
  return `${mark}$${shown}`;
}

/** Micro-dollars of a decimal string, for adding; null where unknown. */
export function micros(text) {
  if (text === null || text === undefined) return null;
  const negative = String(text).startsWith("-");
  const [whole, fraction = ""] = String(text).replace("-", "").split(".");
  const value = Number(whole) * 1e6 + Number(fraction.padEnd(6, "0").slice(0, 6));
  return negative ? -value : value;
}

export function fromMicros(value) {
  if (value === null) return null;
  const size = Math.abs(value), whole = Math.floor(size / 1e6);
  return `${value < 0 ? "-" : ""}${whole}.${String(size % 1e6).padStart(6, "0")}`;
}

export function bytes(value) {
  if (value === null || value === undefined) return UNKNOWN;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function percent(value, places = 1) {
  return value === null || value === undefined ? UNKNOWN : `${Number(value).toFixed(places)} %`;
}

export function whole(value) {
  return value === null || value === undefined ? UNKNOWN : Math.round(value).toLocaleString("en-US");
}

/** `3m 12s`, the two largest units. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  let rest = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (unit === "s" && parts.length === 0)) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

/** How long ago, or in how long. */
export function ago(time, now = Date.now()) {
  if (!time) return UNKNOWN;
  const seconds = (now - Date.parse(time)) / 1000;
  return seconds >= 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

export function clock(time) {
  if (!time) return UNKNOWN;
  return new Date(time).toLocaleString("en-GB", { hour12: false, dateStyle: "medium", timeStyle: "medium" });
}

export function shortTime(time) {
  return new Date(time).toLocaleTimeString("en-GB", { hour12: false });
}
