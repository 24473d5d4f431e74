// Each workload for a moment, against the servers of this workspace: states arrive, and nothing is refused.
import { measure } from "./measure.mjs";

const BRIEF = "--secs 0.5 --warmup 0.2 --hz 20";

const checks = [
  ["presence", `${BRIEF} --members 8`, arrives],
  ["presence", `${BRIEF} --rooms 3 --members 2 --crowd 6 --burst`, (it) => arrives(it) && it.crowdP99Ms > 0],
  ["presence", `${BRIEF} --members 20 --stalled 0.1 --movers 5`, (it) => arrives(it) && it.closed === 0],
  ["presence", `${BRIEF} --members 6 --transport sse`, (it) => arrives(it) && it.refused === 0],
  ["presence", `${BRIEF} --workload idle --rooms 2 --members 10`, (it) => it.members === 20 && it.kibPerMember > 0],
  ["presence", `${BRIEF} --workload storm --members 30`, (it) => it.seenRatio === 1],
  ["presence", `${BRIEF} --workload http --members 4`, (it) => it.delivered > 10 && it.refused === 0],
  ["presence", `${BRIEF} --workload entries --rooms 5 --members 40`, (it) => it.delivered === 136 && it.refused === 0],
  ["naive", `${BRIEF} --rooms 2 --members 4`, arrives],
  ["floor", `${BRIEF} --members 8 --frame 300 --floor-hz 40 --hz 0`, (it) => Math.abs(it.bytes / it.messages - 300) < 1],
];

let failed = 0;
for (const [peer, args, holds] of checks) {
  const report = await measure(peer, args);
  if (report && holds(report)) continue;
  failed += 1;
  process.stderr.write(`${peer} ${args}: ${JSON.stringify(report)}\n`);
}
process.stdout.write(`bench: ${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

/** A debug build on a busy machine may be late, but not by half. */
function arrives({ deliveredRatio, delivered, cpuSecs, p50Ms }) {
  return delivered > 0 && deliveredRatio > 0.5 && cpuSecs > 0 && p50Ms > 0;
}
