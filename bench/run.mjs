#!/usr/bin/env node
// Measures servers in turns, writes results.json, and renders README.md and docs/ from it.
//
//   node bench/run.mjs [--quick] [--workloads NAME,…] [--peers NAME,…] [--runs N] [--render]
//
// Results of earlier runs stay until they are measured again. `--quick` takes a minute, writes nothing and prints a table.
import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { draw } from "./curves.mjs";
import { measure } from "./measure.mjs";
import { operations, validation } from "./operations.mjs";
import { peers } from "./peers.mjs";
import { median, read, write } from "./results.mjs";
import { printed, render } from "./table.mjs";
import { workloads } from "./workloads.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    workloads: { type: "string" },
    peers: { type: "string" },
    runs: { type: "string" },
    render: { type: "boolean", default: false },
  },
});

/** Servers that could not be installed. */
const missing = new Set();

const QUICK = { workloads: ["room-50", "rooms-500"], peers: ["presence", "naive", "floor"] };

/** What is measured without a server. */
const SINGLE = { operations, validation };

const results = options.quick ? { machine: machine(), workloads: {} } : read();
if (!options.render) await measureAll();
if (options.quick) {
  process.stdout.write(printed(results));
} else {
  results.machine ??= machine();
  write(results);
  render(results);
  draw(results);
}

async function measureAll() {
  const named = chosen(options.workloads, options.quick ? QUICK.workloads : [...Object.keys(workloads), ...Object.keys(SINGLE)]);
  results.machine = machine();
  for (const name of named) {
    if (name in SINGLE) {
      results[name] = SINGLE[name]();
      write(results);
      continue;
    }
    const workload = workloads[name];
    if (!workload) throw new Error(`no workload ${name}; there are ${Object.keys(workloads).join(", ")}`);
    const allowed = chosen(options.peers, options.quick ? QUICK.peers : workload.peers);
    const here = workload.peers.filter((it) => allowed.includes(it) && installed(it));
    await inTurns(name, workload, here);
  }
}

/** Takes turns between servers, so that what else the machine does falls on all of them alike. */
async function inTurns(name, workload, here) {
  const runs = Object.fromEntries(here.map((peer) => [peer, []]));
  const times = Number(options.runs ?? (options.quick ? 1 : (workload.runs ?? 3)));
  for (let turn = 0; turn < times; turn++) {
    for (const peer of here) {
      const report = await measure(peer, `${workload.args}${floorArgs(name, peer, runs)}`);
      if (report) runs[peer].push(report);
    }
  }
  results.workloads[name] ??= {};
  for (const peer of here) {
    const entry = { date: new Date().toISOString().slice(0, 16), version: peers[base(peer)].version(), ...median(runs[peer]) };
    results.workloads[name][peer] = entry;
    process.stderr.write(`${name} ${peer}: ${summary(entry)}\n`);
  }
  if (!options.quick) write(results);
}

/** The bare loop writes what presence has written: frames of the same size, as often. */
function floorArgs(name, peer, runs) {
  if (base(peer) !== "floor") return "";
  const model = runs.presence?.at(-1) ?? results.workloads[name]?.presence;
  if (!model) throw new Error(`measure presence under ${name} before the floor below it`);
  const frame = Math.round(model.bytes / model.messages);
  const hz = model.messages / model.secs / model.members;
  return ` --frame ${frame} --floor-hz ${hz.toFixed(3)}${peer === "floor" ? " --hz 0" : ""}`;
}

function base(peer) {
  return peer.replace("-reading", "");
}

function installed(name) {
  const peer = peers[base(name)];
  if (missing.has(name)) return false;
  try {
    peer.install?.();
    return true;
  } catch (error) {
    process.stderr.write(`${name} is left out: ${error.message.split("\n")[0]}\n`);
    missing.add(name);
    return false;
  }
}

function summary(entry) {
  if (entry.runs === 0) return "failed";
  const cpu = `${entry.cpuSecsPerMillion.toPrecision(3)} CPU s per million, ${entry.cpuPercent.toFixed(0)} % of a core`;
  return `${cpu}, delivered ${(entry.deliveredRatio * 100).toFixed(0)} %, p99 ${entry.p99Ms.toFixed(1)} ms, generator ${entry.generatorPercent.toFixed(0)} %`;
}

function chosen(list, all) {
  return list ? list.split(",") : all;
}

function machine() {
  const version = (command) => {
    try {
      return execFileSync(command, ["--version"], { encoding: "utf8", stdio: "pipe" }).trim();
    } catch {
      return "none";
    }
  };
  return {
    cpu: `${cpus().length} × ${cpus()[0].model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `Linux ${release().split("-")[0]}`,
    node: process.version,
    rustc: version("rustc").split(" ").slice(0, 2).join(" "),
  };
}
