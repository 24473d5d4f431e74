// The criterion benches of bench/micro, run briefly, and what they found.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT, TARGET } from "./peers.mjs";

const BENCHES = ["topic", "codec", "fanout"];
const BRIEF = ["--warm-up-time", "0.3", "--measurement-time", "0.7", "--noplot"];

/** `[{ group, name, nanos }]`, the median of each. */
export function operations() {
  const start = Date.now();
  for (const bench of BENCHES) cargo("bench", "-q", "-p", "micro", "--bench", bench, "--", ...BRIEF);
  const folder = join(TARGET, "criterion");
  const json = (path) => JSON.parse(readFileSync(join(folder, path), "utf8"));
  return folders(folder).flatMap((group) =>
    folders(join(folder, group)).flatMap((name) => {
      try {
        // Benches that were renamed have left their results behind.
        if (statSync(join(folder, group, name, "new/estimates.json")).mtimeMs < start) return [];
        const { group_id, function_id } = json(`${group}/${name}/new/benchmark.json`);
        const nanos = json(`${group}/${name}/new/estimates.json`).median.point_estimate;
        return [{ group: group_id, name: function_id, nanos: Number(nanos.toPrecision(3)) }];
      } catch {
        return []; // a summary of criterion's
      }
    }),
  );
}

/** What the verdict on a payload takes beside serde_json alone and beside a schema validator. */
export function validation() {
  const said = cargo("bench", "-q", "-p", "micro", "--bench", "validation", "--", "--ratios");
  return said.trim().split("\n").map((line) => JSON.parse(line));
}

function cargo(...args) {
  const stdio = ["ignore", "pipe", "inherit"];
  return execFileSync(process.env.CARGO ?? "cargo", args, { cwd: ROOT, encoding: "utf8", stdio });
}

function folders(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((it) => (it.isDirectory() ? [it.name] : []));
}
