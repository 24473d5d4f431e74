// Draws the scaling curves into docs/.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { peers, ROOT } from "./peers.mjs";
import { plot } from "./plot.mjs";
import { curves } from "./workloads.mjs";

const STYLES = ["ours", "a", "b", "c"];
/** A server that passes every update on has fallen behind when less than this arrives. */
const ALL = 0.95;
/** One that gathers updates has when they arrive later than this, in ms. */
const LATE = 500;

export function draw(results) {
  for (const [name, curve] of Object.entries(curves)) {
    const lines = curve.peers.map((peer, i) => ({
      label: peers[peer].label,
      style: STYLES[i],
      points: curve.points.flatMap((x) => {
        const it = results.workloads[`curve-${name}-${x}`]?.[peer];
        return it?.runs > 0 ? [{ x, ...point(peer, it) }] : [];
      }),
    }));
    if (lines.every((it) => it.points.length === 0)) continue;
    const svg = plot({
      title: curve.title,
      subtitle: "CPU of the server to tell everybody of everything",
      axis: curve.axis,
      note: ["hollow: fell behind;", "all would have taken so much"],
      limit: 100,
      guides: curve.guides,
      lines: lines.filter((it) => it.points.length > 0),
    });
    writeFileSync(join(ROOT, `docs/speed-${name}.svg`), svg);
  }
}

/** What it took; or, of a server that passes on each update and did not manage to, what it would have taken at the same cost. */
function point(peer, { cpuPercent, deliveredRatio, p99Ms }) {
  if (peer === "presence") return { y: cpuPercent, hollow: p99Ms > LATE };
  const hollow = deliveredRatio < ALL;
  return { y: hollow ? cpuPercent / deliveredRatio : cpuPercent, hollow };
}
