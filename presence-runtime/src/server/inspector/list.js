// The list of topics: how many are where, and how much happens there.

import { at, count, draw, make, many, rate, say, spark, total } from "./shown.js";

/** Rows on the page; there may be many more topics. */
const ROWS = 150;
/** Samples of a sparkline. */
const SAMPLES = 30;

const topics = new Map();
const rows = new Map();
let shown = ROWS;
let chosen = "";

/** Takes over what the server says of all topics, as of now. */
export function update(pages, now, cut) {
  const here = new Set();
  let members = 0;
  let sum = 0;
  for (const { topic: name, counts, at: position } of pages) {
    here.add(name);
    let topic = topics.get(name);
    if (!topic) topics.set(name, (topic = { name, samples: [] }));
    const [epoch, sequence] = (position ?? "0.0").split(".");
    if (topic.epoch === epoch && now > topic.asked) {
      topic.rate = Math.max(0, Number(sequence) - topic.sequence) / ((now - topic.asked) / 1000);
    } else {
      topic.rate = 0;
    }
    topic.samples.push(topic.rate);
    if (topic.samples.length > SAMPLES) topic.samples.shift();
    Object.assign(topic, { epoch, sequence: Number(sequence), asked: now, counts });
    members += counts.members;
    sum += topic.rate;
  }
  for (const name of topics.keys()) if (!here.has(name)) topics.delete(name);
  const rest = cut ? "+" : "";
  total("topics", topics.size, rest);
  total("members", members, rest);
  say(at("rate-total"), rate(sum));
  render(cut);
}

const ORDERS = {
  name: (a, b) => (a.name < b.name ? -1 : 1),
  members: (a, b) => b.counts.members - a.counts.members || ORDERS.name(a, b),
  rate: (a, b) => average(b) - average(a) || ORDERS.name(a, b),
};

/** Over the last samples, or rows would change places all the time. */
function average(topic) {
  const last = topic.samples.slice(-5);
  return last.reduce((sum, it) => sum + it, 0) / last.length;
}

function render(cut = false) {
  const wanted = at("filter").value.trim();
  const matching = [...topics.values()].filter((it) => it.name.includes(wanted));
  matching.sort(ORDERS[at("sort").value]);
  const some = matching.slice(0, shown);
  const list = at("topics");
  const items = some.map(row);
  // One that is empty by now has a past all the same.
  if (wanted && !topics.has(wanted)) items.push(absent(wanted));
  if (chosen && chosen !== wanted && !topics.has(chosen)) items.unshift(absent(chosen));
  for (const [i, item] of items.entries()) {
    if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null);
  }
  while (list.children.length > items.length) list.lastChild.remove();
  const kept = new Set(items);
  for (const [name, { item }] of rows) if (!kept.has(item)) rows.delete(name);
  const hidden = matching.length - some.length;
  at("more").hidden = hidden === 0;
  say(at("more"), `Show ${count(Math.min(hidden, ROWS))} more of ${count(hidden)}`);
  let note = "";
  if (cut) note = "There are more topics than this page asks for. Totals are of those it knows.";
  else if (!topics.size) note = "Nobody is anywhere. Topics appear here as soon as somebody joins one.";
  else if (!matching.length) note = "Nobody is in a topic of that name.";
  say(at("list-note"), note);
}

function row(topic) {
  let it = rows.get(topic.name);
  if (!it?.svg) {
    const link = make("a", { href: `#${encodeURIComponent(topic.name)}` });
    const [people, svg, speed] = [make("span", { class: "people" }), spark(), make("span", { class: "rate" })];
    link.append(make("bdi", { class: "name" }, topic.name), svg, speed, people);
    it = { item: make("li", {}, link), link, people, svg, speed };
    rows.set(topic.name, it);
  }
  const { members, users } = topic.counts;
  say(it.people, members === users ? many(members, "member") : `${many(members, "member")}, ${many(users, "user")}`);
  say(it.speed, `${rate(topic.rate)}/s`);
  it.speed.classList.toggle("some", topic.rate >= 0.05);
  draw(it.svg, topic.samples, SAMPLES);
  mark(it.link, topic.name);
  return it.item;
}

function absent(name) {
  let it = rows.get(name);
  if (!it || it.svg) {
    const link = make("a", { href: `#${encodeURIComponent(name)}` });
    link.append(make("bdi", { class: "name" }, name), make("span", { class: "people" }, "nobody is there; look at its past"));
    it = { item: make("li", {}, link), link };
    rows.set(name, it);
  }
  mark(it.link, name);
  return it.item;
}

function mark(link, name) {
  if (name === chosen) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

/** Marks the topic that is looked at. */
export function choose(name) {
  chosen = name;
  render();
}

at("filter").addEventListener("input", () => {
  shown = ROWS;
  render();
});
at("sort").addEventListener("change", () => render());
at("more").addEventListener("click", () => {
  shown += ROWS;
  render();
});
