// What became of members: why did Ann vanish?

import { asker, of, Refused } from "./ask.js";
import { at, make, plain, say, span } from "./shown.js";

/** Transitions on the page. */
const SHOWN = 200;
const MINOR = new Set(["activity", "hidden", "switched", "moved", "stayed", "takenOver"]);

let ask = asker();
let topic = "";
let known = new Set();
let times = [];
let waiting = 0;

/** Forgets everything, for another topic. */
export function forget(name) {
  topic = name;
  ask = asker();
  known = new Set();
  times = [];
  at("why-user").value = "";
  at("history").replaceChildren();
  say(at("history-note"), "");
}

/** Shows what became of one user alone, or of everybody. */
export function only(user) {
  at("why-user").value = user;
  ask = asker();
  known = new Set();
  return refresh();
}

/** Asks what is new. */
export async function refresh(signal) {
  const user = at("why-user").value.trim();
  const wanted = topic;
  try {
    const query = user ? `?user=${encodeURIComponent(user)}` : "";
    const page = await ask(of(topic, "history") + query, signal);
    if (page && wanted === topic && user === at("why-user").value.trim()) render(page, user);
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401) throw error;
    at("history").replaceChildren();
    const refused = "You may not see what became of others: that takes the action “inspect”.";
    say(at("history-note"), error.status === 403 ? refused : `${error.message}.`);
  }
  tick();
}

function render({ transitions, nowMs, most }, user) {
  const zero = performance.now() - nowMs;
  times = [];
  const before = known;
  known = new Set();
  const items = transitions.slice(0, SHOWN).map((it) => {
    const id = `${it.atMs} ${it.member} ${it.what}`;
    known.add(id);
    const when = new Date(Date.now() - it.agoMs);
    const time = make("time", { datetime: when.toISOString(), title: when.toLocaleString() });
    times.push([time, zero + it.atMs]);
    const kind = `${it.what} ${it.reason ?? ""} ${MINOR.has(it.what) ? "minor" : ""}`;
    const isNew = before.size > 0 && !before.has(id) ? " new" : "";
    const who = make("bdi", { class: "user" }, plain(it.user));
    return make("li", { class: kind + isNew }, time, who, " ", make("span", { class: "text" }, plain(it.text)));
  });
  at("history").replaceChildren(...items);
  let note = "";
  if (most === 0) note = "This server remembers nothing: its setting `history` is 0.";
  else if (!items.length && user) note = "Nothing is remembered of this user here.";
  else if (!items.length) note = "Nothing is remembered here: nobody came or went of late.";
  else if (transitions.length > SHOWN) note = `The latest ${SHOWN}.`;
  say(at("history-note"), note);
}

/** Lets the times go on. */
export function tick() {
  for (const [time, was] of times) say(time, `${span(performance.now() - was)} ago`);
}

at("why").addEventListener("submit", (event) => event.preventDefault());
at("why-user").addEventListener("input", () => {
  clearTimeout(waiting);
  // A failure shows where everything is asked for again.
  waiting = setTimeout(() => only(at("why-user").value).catch(() => {}), 250);
});
