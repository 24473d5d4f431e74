// Asking the server, with the token if there is one. Everything is asked below the path where this page is.

const TOKEN = "presence-inspector-token";
const BASE = new URL(".", location.href);

/** A refusal of the server, with its code. */
export class Refused extends Error {
  constructor(status, error) {
    super(error?.message ?? `the server answered ${status}`);
    this.status = status;
    this.code = error?.code ?? "";
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? "",
  set: (text) => (text ? sessionStorage.setItem(TOKEN, text) : sessionStorage.removeItem(TOKEN)),
};

/** The path of something about a topic. */
export const of = (topic, what) => `${encodeURIComponent(topic)}/${what}`;

async function send(path, headers, signal) {
  const shown = token.get();
  if (shown) headers["Authorization"] = `Bearer ${shown}`;
  const options = { headers, signal, cache: "no-store", credentials: "same-origin" };
  const answer = await fetch(new URL(path, BASE), options);
  if (answer.ok || answer.status === 304) return answer;
  let error;
  try {
    error = (await answer.json()).error;
  } catch {
    // Whoever stands between, rather than the server.
  }
  throw new Refused(answer.status, error);
}

/** Asks for JSON. */
export async function ask(path, signal) {
  return (await send(path, {}, signal)).json();
}

/** Asks for JSON again and again, and gets nothing where it is what it was. */
export function asker() {
  let path = "";
  let tag = "";
  return async (next, signal) => {
    if (next !== path) [path, tag] = [next, ""];
    const answer = await send(path, tag ? { "If-None-Match": tag } : {}, signal);
    if (answer.status === 304) return undefined;
    if (next === path) tag = answer.headers.get("ETag") ?? "";
    return answer.json();
  };
}

/** Hears events, until the server or the signal ends it. `EventSource` could not show a token. */
export async function listen(path, signal, hear) {
  const answer = await send(path, { Accept: "text/event-stream" }, signal);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const field = (name) => event.split("\n").find((it) => it.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data) hear(field("event"), JSON.parse(data));
    }
  }
}
