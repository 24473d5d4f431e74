// results.json: what was measured, by workload and server.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HERE } from "./peers.mjs";

const FILE = join(HERE, "results.json");

export function read() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : { workloads: {} };
}

/** One line for each measured server and operation, so that differences can be read. */
export function write({ machine, workloads, operations = [], validation = [] }) {
  const entries = Object.entries(workloads).map(([name, servers]) => {
    const lines = Object.entries(servers).map(([peer, entry]) => `${JSON.stringify(peer)}: ${JSON.stringify(entry)}`);
    return `${JSON.stringify(name)}: {\n      ${lines.join(",\n      ")}\n    }`;
  });
  const list = (name, items) => `  "${name}": [\n${items.map((it) => `    ${JSON.stringify(it)}`).join(",\n")}\n  ]`;
  const blocks = [
    `  "machine": ${JSON.stringify(machine)}`,
    list("validation", validation),
    list("operations", operations),
    `  "workloads": {\n    ${entries.join(",\n    ")}\n  }`,
  ];
  writeFileSync(FILE, `{\n${blocks.join(",\n")}\n}\n`);
}

/** The median of each figure over some runs, and how far the cost went apart. */
export function median(runs) {
  if (runs.length === 0) return { runs: 0 };
  const entry = { runs: runs.length };
  for (const figure of Object.keys(runs[0])) {
    const sorted = runs.map((it) => it[figure]).sort((a, b) => a - b);
    entry[figure] = Number(sorted[sorted.length >> 1].toPrecision(6));
  }
  const costs = runs.map((it) => it.cpuSecsPerMillion);
  entry.spread = [Math.min(...costs), Math.max(...costs)].map((it) => Number(it.toPrecision(4)));
  return entry;
}
