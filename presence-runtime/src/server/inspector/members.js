// The members of the topic that is looked at: what they are told everybody is, as it changes.

import { at, count, hue, make, many, plain, pretty, say, span } from "./shown.js";

/** Members on the page; there may be many more. */
const SHOWN = 100;

let members = new Map();
let run;
/** What `performance.now()` is when the server's clock is 0. */
let zero = 0;
let counts;
let asked = false;
let wanted = () => {};
const items = new Map();

/** Forgets everybody, for another topic. */
export function forget(want) {
  members = new Map();
  run = undefined;
  counts = undefined;
  wanted = want;
  at("members").replaceChildren();
  items.clear();
  render();
}

/** Takes over a `snapshot` or `changes`. Whether somebody came or went. */
export function hear(event, message) {
  zero = performance.now() - message.nowMs;
  // A run in parts counts when its last part is there.
  run ??= { fresh: event === "snapshot", messages: [] };
  run.messages.push(message);
  if (message.more) return false;
  const { fresh, messages } = run;
  run = undefined;
  if (fresh) members = new Map();
  let turned = fresh;
  for (const { left = [], joined = [], entries = [], updated = [] } of messages) {
    for (const { member } of left) members.delete(member);
    for (const entry of [...entries, ...joined]) members.set(entry.member, { ...entry, loud: false });
    for (const { member, ...changes } of updated) {
      const known = members.get(member);
      if (known) Object.assign(known, changes, { updatedMs: message.nowMs, loud: "value" in changes });
    }
    turned ||= left.length + joined.length > 0;
  }
  counts = message.counts;
  later();
  return turned;
}

/** Takes over how long entries still live, which changes without a change. */
export function leases({ entries, nowMs }) {
  zero = performance.now() - nowMs;
  for (const { member, expiresInMs, ...entry } of entries) {
    const known = members.get(member);
    if (known) Object.assign(known, { until: expiresInMs === undefined ? Infinity : nowMs + expiresInMs, joinedMs: entry.joinedMs });
  }
  later();
}

/** Draws what has come once, however much of it. */
export function later() {
  if (asked) return;
  asked = true;
  setTimeout(() => {
    asked = false;
    render();
  }, 100);
}

function render() {
  const now = performance.now() - zero;
  const some = [...members.values()].slice(0, SHOWN);
  const list = at("members");
  for (const [i, it] of some.entries()) {
    const item = show(it, now);
    if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
  }
  while (list.children.length > some.length) list.lastChild.remove();
  for (const [id, { item }] of items) if (!item.isConnected) items.delete(id);
  if (!counts) say(at("counts"), "");
  else say(at("counts"), `${many(counts.members, "member")}, ${many(counts.users, "user")}`);
  let note = "";
  if (counts && !members.size) note = "Nobody is here right now.";
  else if (members.size > SHOWN) note = `The first ${SHOWN} of ${count(members.size)}.`;
  say(at("members-note"), note);
}

function show(entry, now) {
  let it = items.get(entry.member);
  if (!it) items.set(entry.member, (it = build(entry)));
  const activity = entry.activity ?? "active";
  it.activity.className = `activity ${activity}`;
  say(it.activity, activity);
  let lease = "";
  const left = entry.until - now;
  if (entry.until === Infinity) lease = " · by a connection";
  else if (entry.until) lease = left > 0 ? ` · over HTTP, ${span(left)} left` : " · over HTTP, due to go";
  say(it.since, `here for ${span(now - entry.joinedMs)}`);
  say(it.lease, lease);
  it.lease.classList.toggle("soon", left < 10_000);
  const follows = entry.following?.length ? ` · follows ${entry.following.join(", ")}` : "";
  say(it.follows, follows);
  const text = pretty(entry.value);
  if (it.value.textContent !== text) {
    it.value.textContent = text;
    if (entry.loud) flash(it.item);
  }
  return it.item;
}

function build({ member, user }) {
  const session = member.slice(member.lastIndexOf(".") + 1);
  const face = make("span", { class: "face", "aria-hidden": "true" }, plain(user).slice(0, 1));
  face.style.setProperty("--hue", hue(user));
  const who = make("button", { type: "button", title: "What became of this user" }, make("bdi", {}, plain(user)));
  who.addEventListener("click", () => wanted(user));
  const parts = { activity: make("span"), since: make("span"), lease: make("span"), follows: make("bdi") };
  const facts = make("span", { class: "facts" }, parts.since, parts.lease, parts.follows);
  if (session !== user) facts.append(" · ", make("bdi", { title: `session ${session}` }, session.slice(0, 6)));
  const value = make("pre", { tabindex: "0", "aria-label": `Value of ${user}` });
  const item = make("li", { class: "member" }, face, make("span", { class: "who" }, who, parts.activity), facts, value);
  return { ...parts, item, value };
}

function flash(item) {
  item.classList.remove("changed");
  requestAnimationFrame(() => item.classList.add("changed"));
}
