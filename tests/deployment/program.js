/** Programs that run while a test does. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** A program of this machine, and what it said. */
export class Program {
  #child;
  /** @type {string[]} */
  said = [];

  /** @param {string} name @param {string[]} options @param {NodeJS.ProcessEnv} [environment] */
  constructor(name, options, environment = {}) {
    // Debian keeps servers where only root looks.
    const path = `${process.env["PATH"]}:/usr/sbin`;
    const env = { ...process.env, PATH: path, ...environment };
    this.#child = spawn(name, options, { env, stdio: ["ignore", "ignore", "pipe"] });
    this.#child.once("error", (error) => this.said.push(String(error)));
    createInterface({ input: this.#child.stderr }).on("line", (line) => this.said.push(line));
  }

  /** Asks it to end, and waits until it has. */
  async end() {
    await this.#signal("SIGTERM");
  }

  async kill() {
    await this.#signal("SIGKILL");
  }

  /** Waits for what it says, and gives what was found of it. @param {RegExp} pattern */
  async says(pattern) {
    return await until(() => {
      const found = this.said.map((it) => pattern.exec(it)?.[1]).find((it) => it !== undefined);
      if (found === undefined && this.#isOver) throw new Error(`it ended:\n${this.said.join("\n")}`);
      return found;
    });
  }

  get #isOver() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  /** @param {NodeJS.Signals} signal */
  async #signal(signal) {
    if (this.#isOver) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }
}

/**
 * Asks again until there is an answer, for ten seconds at most.
 * @template T @param {() => T | undefined | Promise<T | undefined>} ask @returns {Promise<T>}
 */
export async function until(ask) {
  const end = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error("there was no answer within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port that nobody listens on. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a port has a number");
  server.close();
  await once(server, "close");
  return address.port;
}
