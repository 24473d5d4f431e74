// The topic that is looked at, live as long as it is.

import { ask, listen, of, Refused } from "./ask.js";
import * as history from "./history.js";
import * as members from "./members.js";
import { at, say } from "./shown.js";

/** How often it is asked how long entries still live, in ms. */
const LEASES = 5000;

let looking;

/** Looks at a topic; at none without a name. */
export function look(name, failed) {
  looking?.abort();
  looking = undefined;
  document.body.classList.toggle("chosen", name !== "");
  at("detail").hidden = name === "";
  at("nothing").hidden = name !== "";
  document.title = name ? `${name} · Presence inspector` : "Presence inspector";
  if (!name) return;
  looking = new AbortController();
  say(at("topic-name"), name);
  note("");
  members.forget((user) => history.only(user).catch(failed));
  history.forget(name);
  at("detail").scrollTop = 0;
  at("topic-name").focus({ preventScroll: true });
  follow(name, looking.signal, failed);
}

async function follow(name, signal, failed) {
  let asked = 0;
  let pause = 500;
  const leases = async () => {
    asked = performance.now();
    members.leases(await ask(of(name, "value"), signal));
  };
  const step = async () => {
    await history.refresh(signal);
    if (performance.now() - asked > LEASES) await leases();
    members.later();
  };
  const every = setInterval(() => {
    if (!document.hidden) step().catch((error) => give(error, signal, failed));
  }, 2000);
  signal.addEventListener("abort", () => clearInterval(every));
  step().catch((error) => give(error, signal, failed));
  while (!signal.aborted) {
    try {
      await listen(of(name, "changes"), signal, (event, message) => {
        pause = 500;
        note("");
        if (members.hear(event, message)) {
          // How it came to that is remembered by now.
          Promise.all([leases(), history.refresh(signal)]).catch((error) => give(error, signal, failed));
        }
      });
    } catch (error) {
      give(error, signal, failed);
    }
    await new Promise((resume) => setTimeout(resume, pause));
    pause = Math.min(2 * pause, 5000);
  }
}

function give(error, signal, failed) {
  if (signal.aborted) return;
  if (!(error instanceof Refused)) return failed(error);
  if (error.status === 401) return failed(error);
  if (error.status === 403) return note("You may not see who is in this topic.");
  note(`${error.message}.`);
}

function note(text) {
  at("detail-note").hidden = text === "";
  say(at("detail-note"), text);
}
