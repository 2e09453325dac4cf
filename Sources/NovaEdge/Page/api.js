// The API as promises. The session is a cookie that scripts cannot read; a session that is over asks for a login.

/** What the API refused, in its own words. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let lost = () => {};
/** Called when the session is not, or no longer, good. */
export function onLost(call) { lost = call; }

async function request(method, path, body, signal) {
  const options = { method, signal, credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "unreachable", "the page's server does not answer");
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && path !== "/session") lost();
  let detail = {};
  try { detail = (await answer.json()).error ?? {}; } catch { /* not ours */ }
  throw new Refusal(answer.status, detail.code ?? "failed", detail.message ?? `status ${answer.status}`);
}

export const get = async (path, signal) => (await request("GET", path, undefined, signal)).json();
export const post = async (path, body) => (await request("POST", path, body)).json();
export const remove = async (path) => { await request("DELETE", path); };

/** The same, with null where the supervisor has no such page or may not say. */
export async function maybe(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Refusal && [403, 404, 501].includes(error.status)) return null;
    throw error;
  }
}

/** JSON lines as they come, until `signal`. */
export async function lines(path, onLine, signal) {
  const reader = (await request("GET", path, undefined, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    const found = [];
    for (const part of parts) {
      if (part === "") continue;
      try { found.push(JSON.parse(part)); } catch { /* cut off by the end of the stream */ }
    }
    if (found.length > 0) onLine(found);
  }
}
