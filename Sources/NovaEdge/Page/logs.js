// A worker's output, live. Text is text: escape sequences of terminals are taken out, nothing becomes markup.

import { lines } from "./api.js";
import { fill, make } from "./dom.js";
import { shortTime } from "./format.js";

const KEEP = 2000;

/** Fills `root` with the output of `name`; returns how to end it. */
export function follow(root, name) {
  const box = make("div", { class: "log", role: "log", "aria-label": `Output of ${name}`, tabindex: "0" });
  const note = make("span", { class: "note" });
  const pattern = make("input", { type: "search", placeholder: "Only lines with …", "aria-label": "Only lines with", autocomplete: "off", spellcheck: "false" });
  fill(root, make("header", { class: "card-head" }, make("h2", {}, "Output"), make("div", { class: "tools" }, note, pattern)), box);
  let stop = new AbortController();
  let ended = false;
  let wait = null;

  pattern.addEventListener("input", () => {
    for (const line of box.children) line.hidden = !line.textContent.toLowerCase().includes(pattern.value.toLowerCase());
  });

  function append(rows) {
    const low = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    const wanted = pattern.value.toLowerCase();
    box.append(...rows.map((row) => {
      const line = make("div", { class: row.stream === "stderr" ? "stderr" : "" },
        row.at ? make("time", { datetime: row.at }, shortTime(row.at)) : null,
        make("span", { class: "instance" }, `@${row.instance}`), clean(row.line));
      line.hidden = wanted !== "" && !line.textContent.toLowerCase().includes(wanted);
      return line;
    }));
    while (box.childElementCount > KEEP) box.firstChild.remove();
    if (low) box.scrollTop = box.scrollHeight;
  }

  async function run(count) {
    try {
      note.textContent = "live";
      await lines(`/v1/logs?target=${encodeURIComponent(name)}&lines=${count}&follow=1`, append, stop.signal);
      note.textContent = "ended";
    } catch (error) {
      if (ended) return;
      note.textContent = error.message;
    }
    if (!ended) wait = setTimeout(() => { stop = new AbortController(); run(0); }, 3000);
  }
  run(200);
  return () => { ended = true; clearTimeout(wait); stop.abort(); };
}

/** Without terminal sequences and control characters but tab. */
export function clean(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(\u0007|\u001b\\)?/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
