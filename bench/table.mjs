// The tables of README.md and docs/speed.md, from what was measured.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { curves, workloads } from "./workloads.mjs";
import { peers, ROOT } from "./peers.mjs";

const BEGIN = "<!-- written by bench/run.mjs -->";
const END = "<!-- until here -->";
/** Below this a column says how much arrived. */
const ALL = 0.97;

const ROOMS = ["room-50", "room-200", "room-1000", "rooms-500"];
const SERVERS = ["presence", "uws", "nats", "naive", "ws", "y-websocket", "socketio"];

/** Replaces what is between the marks in both documents. */
export function render(results) {
  splice(join(ROOT, "README.md"), [main(results), picture("members", "docs/")]);
  splice(join(ROOT, "docs/speed.md"), page(results));
}

/** What `--quick` prints. */
export function printed(results) {
  const rows = Object.entries(results.workloads).flatMap(([name, servers]) =>
    Object.entries(servers).map(([peer, it]) => [workloads[name].label, label(peer), cost(it), times(floor(results, name, peer))]),
  );
  return `${table(["", "server", "CPU seconds per million delivered states", "× a bare loop"], rows)}\n`;
}

function splice(file, blocks) {
  const text = readFileSync(file, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} lacks the marks ${BEGIN} and ${END}`);
  const body = blocks.filter(Boolean).join("\n\n");
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${body}\n\n${text.slice(end)}`);
}

/** A title without a table below it is left out with it. */
function page(results) {
  const section = (title, measured, body) => (measured.length > 0 ? [title, body] : []);
  return [
    taken(results),
    "## Beside other servers",
    main(results),
    versions(results),
    "## Above the floor",
    aboveFloor(results),
    "## Uneven loads",
    uneven(results),
    "## Memory",
    memory(results),
    ...section("## Validation", results.validation ?? [], validation(results)),
    ...section("## Single operations", results.operations ?? [], operations(results)),
    "## What else is promised",
    promises(results),
    "## How cost grows",
    ...Object.keys(curves).map((it) => picture(it, "")),
  ];
}

function main(results) {
  const head = ["", ...ROOMS.map((it) => workloads[it].label), "an idle connection", "2,000 join one room"];
  const rows = SERVERS.filter((it) => at(results, "room-50", it)).map((peer) => [
    peer === "presence" ? "**presence**" : label(peer),
    ...ROOMS.map((it) => cost(at(results, it, peer))),
    kib(at(results, "idle", peer)),
    storm(at(results, "storm", peer)),
  ]);
  return table(head, rows);
}

function uneven(results) {
  const names = ["crowd", "burst", "stalled", "lecture"];
  const rows = names.flatMap((name) =>
    workloads[name].peers.flatMap((peer) => {
      const it = at(results, name, peer);
      if (!it) return [];
      const late = name === "crowd" ? `${ms(it.p99Ms)}, in the crowd ${ms(it.crowdP99Ms)}` : ms(it.p99Ms);
      const first = peer === workloads[name].peers[0];
      return [[first ? workloads[name].label : "", label(peer), number(it.cpuSecsPerMillion), percent(it.deliveredRatio), late, percent(it.cpuPercent / 100), `${it.closed}`]];
    }),
  );
  return table(["", "server", "CPU s per million", "delivered", "p99", "of a core", "cut off"], rows);
}

function aboveFloor(results) {
  const rows = ROOMS.map((name) => {
    const it = at(results, name, "presence");
    const frames = it && `${Math.round(it.messages / it.secs).toLocaleString("en")} a second, ${Math.round(it.bytes / it.messages).toLocaleString("en")} bytes each`;
    return [workloads[name].label, frames ?? "", times(floor(results, name, "presence", "floor-reading")), times(floor(results, name, "presence"))];
  });
  return table(["", "frames that presence writes", "× a loop that writes them and reads what is said", "× a loop that only writes them"], rows);
}

function memory(results) {
  const [ws, sse] = [at(results, "idle", "presence"), at(results, "idle-sse", "presence")];
  const [entry, topic] = [at(results, "entries", "presence"), at(results, "topics", "presence")];
  const both = entry && topic;
  return table(["of the server, at 10,000 connections or 20,000 entries", "KiB"], [
    ["a WebSocket with its session, entry and lease", kib(ws)],
    ["an event stream with its session, entry and lease", kib(sse)],
    ["an entry with its session and lease alone, announced over HTTP", kib(entry)],
    ["a topic", both ? `${(topic.kibPerMember - entry.kibPerMember).toFixed(1)} KiB` : ""],
  ]);
}

function promises(results) {
  const [fast, sse, now] = [at(results, "room-1000-fast", "presence"), at(results, "room-200-sse", "presence"), at(results, "room-50", "presence-0ms")];
  const [http, node] = [at(results, "http", "presence"), at(results, "http", "node-http")];
  const rate = (it) => (it ? `${Math.round(it.delivered / it.cpuSecs / 1000)},000` : "");
  return table(["", ""], [
    ["one room, 50 × 10 Hz, with `throttle = \"0ms\"`", cost(now)],
    ["one room, 1,000 × 20 Hz: how old a reader's view of somebody becomes, 50 ms between updates included", fast ? `p99 ${ms(fast.ageP99Ms)}, at most ${ms(fast.ageMaxMs)}` : ""],
    ["one room, 200 × 10 Hz, POSTed and heard over event streams", cost(sse)],
    ["CPU seconds per million in 10, 100 and 1,000 rooms of 4", along(results, "rooms", [10, 100, 1000])],
    ["the same in one room where 10 move and 10, 100, 1,000 and 3,000 are there", along(results, "idle", [10, 100, 1000, 3000])],
    ["heartbeats over HTTP, per CPU second", `${rate(http)} (node:http doing nothing: ${rate(node)})`],
  ]);
}

function operations({ operations = [] }) {
  const rows = operations.map((it) => [it.group, it.name, it.nanos < 1000 ? `${it.nanos} ns` : `${(it.nanos / 1000).toPrecision(3)} µs`]);
  return table(["", "", "median"], rows);
}

function along(results, curve, sizes) {
  const costs = sizes.map((size) => at(results, `curve-${curve}-${size}`, "presence"));
  return costs.map((it) => (it ? number(it.cpuSecsPerMillion) : "–")).join(", ");
}

function validation({ validation = [] }) {
  const rows = validation.map((it) => {
    const [plain, checked, , schema] = it.nanos.map((nanos) => `${nanos} ns`);
    return [`${it.type}, ${it.bytes} bytes`, plain, `${checked} (${it.toSerde.toFixed(2)} ×)`, `${schema} (${it.schemaToChecked.toFixed(1)} × as long)`];
  });
  return table(["", "serde_json alone", "typed parse and all checks", "parse to a value, then a JSON Schema validator"], rows);
}

function versions(results) {
  const known = SERVERS.filter((it) => at(results, "room-50", it) && it !== "presence");
  return `Versions: ${known.map((it) => `${label(it)} ${at(results, "room-50", it).version}`).join("; ")}.`;
}

function taken({ machine, workloads }) {
  const dates = Object.values(workloads).flatMap((it) => Object.values(it).map((entry) => entry.date.slice(0, 10)));
  const days = [...new Set(dates)].sort();
  return `Measured on ${days.join(" and ")}: ${machine.cpu}, ${machine.memory}, ${machine.kernel}, ${machine.rustc}, Node ${machine.node}; the server on one core, the generator on the other.`;
}

function picture(name, folder) {
  const { title, axis } = curves[name];
  return `![${title}: CPU by ${axis}](${folder}speed-${name}.svg)`;
}

function at(results, workload, peer) {
  const it = results.workloads[workload]?.[peer];
  return it && it.runs > 0 ? it : undefined;
}

/** How many times the CPU of the bare loop a server takes for the same number of frames. */
function floor(results, workload, peer, below = "floor") {
  const [it, loop] = [at(results, workload, peer), at(results, workload, below)];
  if (!it || !loop || peer.startsWith("floor")) return undefined;
  return it.cpuSecs / it.messages / (loop.cpuSecs / loop.messages);
}

function label(peer) {
  return peer === "floor-reading" ? "bare loop that reads, too" : peers[peer].label;
}

function cost(it) {
  if (!it) return "–";
  if (it.delivered === 0) return "–";
  const share = it.deliveredRatio < ALL ? `${percent(it.deliveredRatio)} delivered` : `p99 ${ms(it.p99Ms)}`;
  return `${number(it.cpuSecsPerMillion)} · ${share}`;
}

function storm(it) {
  if (!it) return "–";
  const seen = it.seenRatio < ALL ? `, ${percent(it.seenRatio)} seen` : "";
  return `${it.secs.toFixed(1)} s, ${it.cpuSecs.toFixed(1)} CPU s${seen}`;
}

function kib(it) {
  return it ? `${it.kibPerMember.toFixed(1)} KiB` : "–";
}

function times(ratio) {
  return ratio ? `${ratio.toFixed(1)}` : "";
}

function ms(it) {
  if (it === 0) return "nothing arrived";
  return it >= 10_000 ? `${(it / 1000).toFixed(0)} s` : `${it < 10 ? it.toFixed(1) : it.toFixed(0)} ms`;
}

function percent(it) {
  return `${(it * 100).toFixed(it < 0.1 ? 1 : 0)} %`;
}

function number(it) {
  return it < 1 ? it.toFixed(it < 0.1 ? 3 : 2) : it.toFixed(1);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
