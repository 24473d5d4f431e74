// node cluster.mjs SERVER: two nodes of the live-cursors server over a Redis of their own, until Ctrl-C.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SERVER = process.argv[2];
const NODES = ["127.0.0.1:7700", "127.0.0.1:7704"];
const REDIS_PORT = 7709;
const REDIS = `redis://127.0.0.1:${REDIS_PORT}`;
/** How long a program may take to begin, or to end once it was asked to, in ms. */
const PATIENCE = 10_000;

const started = [];
let ending = false;

/** Starts a program that Ctrl-C does not reach: nodes are ended before Redis is. */
function start(name, program, args, out) {
  const child = spawn(program, args, { detached: true, stdio: ["ignore", out, "inherit"] });
  const it = { name, child, ended: once(child, "close").catch((error) => [error.message]) };
  it.ended.then(([how]) => {
    if (!ending) end(1, `${name} ended: ${how}`);
  });
  started.unshift(it);
}

/** Ends what was started, the last first. */
async function end(status, why) {
  if (ending) return;
  ending = true;
  console.error(why);
  for (const it of started) {
    if (it.child.exitCode === null && it.child.signalCode === null) it.child.kill("SIGTERM");
    await Promise.race([it.ended, sleep(PATIENCE, null, { ref: false }).then(() => it.child.kill("SIGKILL"))]);
  }
  await rm(folder, { recursive: true, force: true });
  process.exit(status);
}

/** Waits until somebody answers at a port. */
async function answers(port) {
  const until = Date.now() + PATIENCE;
  while (!ending) {
    const socket = createConnection({ host: "127.0.0.1", port });
    const [answered] = await Promise.race([once(socket, "connect").then(() => [true]), once(socket, "close").then(() => [false])])
      .catch(() => [false]);
    socket.destroy();
    if (answered) return true;
    if (Date.now() > until) {
      await end(1, `nobody answers at port ${port}`);
      return false;
    }
    await sleep(50);
  }
  return false;
}

const folder = await mkdtemp(join(tmpdir(), "live-cursors-"));
process.on("SIGINT", () => end(0, "\nending both nodes, then Redis"));
process.on("SIGTERM", () => end(0, "ending both nodes, then Redis"));

const settings = ["--port", REDIS_PORT, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
start("redis-server", process.env.PRESENCE_REDIS_SERVER ?? "redis-server", settings, "ignore");
let up = await answers(REDIS_PORT);
for (const addr of NODES) {
  if (!up) break;
  start(`the node at ${addr}`, SERVER, ["--addr", addr, "--redis", REDIS], "inherit");
  up = await answers(addr.split(":")[1]);
}
if (up) {
  const [one, two] = NODES.map((addr) => `http://${addr}`);
  console.error(`
Two nodes share the Redis at port ${REDIS_PORT}. Open
  ${one}   in one window, and
  ${two}   in another:
each window is at a node of its own, and they see each other. Ctrl-C ends all of it.
`);
}
