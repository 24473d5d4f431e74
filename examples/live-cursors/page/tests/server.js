/** The real server of the page, which tests start, kill and start again. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));

/** The built server: what the environment names, or the newest that cargo has built. */
function program(/** @type {string} */ name, /** @type {string} */ variable) {
  const target = process.env["CARGO_TARGET_DIR"] ?? `${REPOSITORY}target`;
  const built = ["debug", "release"].map((profile) => `${target}/${profile}/${name}`);
  const age = (/** @type {string} */ path) => statSync(path).mtimeMs;
  const newest = built.filter((path) => existsSync(path)).sort((a, b) => age(b) - age(a))[0];
  const found = process.env[variable] ?? newest;
  if (!found) throw new Error(`no server to test with: run \`cargo build -p ${name}\``);
  return found;
}

/** A server on a port of its own. */
export class Server {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;
  /** @type {string[]} */
  #args;
  /** Its name, and what says where it is. @type {readonly [string, string]} */
  #program;

  /**
   * @param {string[]} [args] what else the program is told
   * @param {string} [name] the program's name
   * @param {string} [variable] what says where it is
   */
  constructor(args = [], name = "live-cursors", variable = "PRESENCE_SERVER") {
    this.#args = args;
    this.#program = [name, variable];
  }

  /** Where it listens; the port is chosen once and kept. */
  address = "127.0.0.1:0";

  get url() {
    return `http://${this.address}`;
  }

  async start() {
    const child = spawn(program(...this.#program), ["--addr", this.address, ...this.#args], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    const said = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      const address = /listens on http:\/\/([^/]+)\/presence/.exec(line)?.[1];
      if (!address) continue;
      this.address = address;
      child.stderr.resume();
      return this;
    }
    throw new Error(`the server did not start:\n${said.join("\n")}`);
  }

  /** Ends it without giving it time to say goodbye. */
  async kill() {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
