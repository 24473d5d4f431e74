// The inspector: asks the server what everybody may ask it, again and again, and shows it.

import { ask, Refused, token } from "./ask.js";
import { look } from "./detail.js";
import { tick } from "./history.js";
import { choose, update } from "./list.js";
import { at, say, total } from "./shown.js";

/** How often topics are asked for, in ms; more rarely where that takes long. */
const PERIOD = 2000;
/** How often at the most rarely. */
const LONGEST = 30_000;
/** Pages of 1,000 topics. */
const PAGES = 10;

let failures = 0;
let timer = 0;
let hinted = false;

async function refresh() {
  const began = performance.now();
  try {
    const topics = [];
    let next = "";
    for (let page = 0; page < PAGES; page += 1) {
      const body = await ask(`topics${next && `?after=${encodeURIComponent(next)}`}`);
      topics.push(...body.topics);
      next = body.next ?? "";
      if (!next) break;
    }
    update(topics, performance.now(), next !== "");
    const { connections } = await ask("inspector/totals");
    at("connections-box").hidden = connections === null;
    total("connections", connections ?? 0);
    failures = 0;
    state("");
  } catch (error) {
    failed(error);
  }
  const took = performance.now() - began;
  const wait = failures ? Math.min(1000 * 2 ** (failures - 1), 8000) : Math.min(Math.max(PERIOD, 10 * took), LONGEST);
  clearTimeout(timer);
  timer = setTimeout(() => (document.hidden ? undefined : refresh()), wait);
}

function failed(error) {
  failures += 1;
  if (error instanceof Refused && error.status === 401) {
    const expired = error.code === "token_expired";
    const known = expired ? "The token has expired. Show another one." : "The server does not take this token.";
    state(token.get() ? known : "The server asks who you are. Show it a token.");
    if (!hinted) openToken(true);
    hinted = true;
    return;
  }
  if (error instanceof Refused) return state(`The server refuses: ${error.message}.`);
  state("The server does not answer. Trying again…");
}

function state(text) {
  at("state").hidden = text === "";
  say(at("state"), text);
}

function openToken(open) {
  at("token-form").hidden = !open;
  at("token-open").setAttribute("aria-expanded", String(open));
  if (open) at("token").focus();
}

function chosen() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function go() {
  choose(chosen());
  look(chosen(), failed);
}

function again() {
  hinted = false;
  failures = 0;
  go();
  return refresh();
}

at("token-open").addEventListener("click", () => openToken(at("token-form").hidden));
at("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(at("token").value.trim());
  at("token").value = "";
  openToken(false);
  again();
});
at("token-forget").addEventListener("click", () => {
  token.set("");
  openToken(false);
  again();
});
addEventListener("hashchange", go);
addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
    event.preventDefault();
    at("filter").focus();
  }
});
// Nobody looks at a hidden tab.
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || tick(), 1000);
go();
refresh();
