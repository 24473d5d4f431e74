// One run: starts a server, has the generator load it, ends it.
import { execFileSync, spawn } from "node:child_process";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { LOAD, peers } from "./peers.mjs";

/** A run that takes longer has failed. */
const LIMIT_MS = 90_000;
let port = 21_000;
/** What runs, so that nothing is left of a measurement that is ended. */
const children = new Set();

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const child of children) child.kill("SIGKILL");
    process.exit(1);
  });
}

/**
 * The generator's report of a peer under these arguments, or `null` where it gave none.
 * `name` may be `floor-reading`: the bare loop that reads what a server has to read, too.
 */
export async function measure(name, args) {
  const peer = peers[name.replace("-reading", "")];
  // A port of its own: what closes slowly must not meet what starts.
  port = port < 30_000 ? port + 3 : 21_000;
  const { command, env } = peer.start(port);
  const server = started(...pinned(0, command), { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = new Promise((end) => server.once("close", end));
  try {
    await listening(port, server);
    await sleep(300);
    const load = [LOAD, "--addr", `127.0.0.1:${port}`, "--pid", `${server.pid}`, "--dialect", peer.dialect, ...args.split(" ")];
    const report = await output(...pinned(1, load));
    return JSON.parse(report);
  } catch (error) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return null;
  } finally {
    server.kill();
    const killer = setTimeout(() => server.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(killer);
  }
}

function started(command, args, options) {
  const child = spawn(command, args, options);
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** The command on one core, where there are two and somebody to pin it. */
function pinned(core, [command, ...args]) {
  return canPin ? ["taskset", ["-c", `${core}`, command, ...args]] : [command, args];
}

const canPin = availableParallelism() > 1 && works("taskset", ["-c", "0", "true"]);

function works(command, args) {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function listening(port, server) {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    if (await reachable(port)) return;
    await sleep(50);
  }
  throw new Error("the server does not listen");
}

function reachable(port) {
  return new Promise((answer) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
    socket.once("connect", () => socket.destroy());
  });
}

function output(command, args) {
  return new Promise((take, fail) => {
    const child = started(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT_MS });
    let said = "";
    let complaint = "";
    child.stdout.on("data", (part) => (said += part));
    child.stderr.on("data", (part) => (complaint += part));
    child.once("error", fail);
    child.once("close", (code) => (code === 0 ? take(said) : fail(new Error(`the generator gave up: ${complaint.slice(0, 300)}`))));
  });
}
