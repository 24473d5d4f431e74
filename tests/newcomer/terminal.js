/** Terminals: where commands are given, and programs go on until Ctrl-C. */

import { spawn } from "node:child_process";
import { once } from "node:events";

/** How long a command may take. */
const PATIENCE_MS = 300_000;
/** Which commands do not end by themselves. */
const GOES_ON = /^cargo run$|run dev$/;

/** A command and what it prints. */
class Program {
  said = "";
  #child;
  #ended;

  /** @param {string} command @param {string} folder @param {NodeJS.ProcessEnv} env */
  constructor(command, folder, env) {
    this.command = command;
    // A group of its own, as a terminal gives it: Ctrl-C is for all of it.
    this.#child = spawn("bash", ["-c", command], { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.#child, "close");
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.said += text.replaceAll(/\x1b\[[0-9;]*m/g, "");
      });
    }
  }

  /** Waits until it ends, and gives what it exits with. @returns {Promise<number | string>} */
  async end() {
    const timer = setTimeout(() => this.signal("SIGKILL"), PATIENCE_MS);
    const [code, signal] = await this.#ended;
    clearTimeout(timer);
    return code ?? signal;
  }

  /** Waits until it says where it answers. */
  async answers() {
    const end = performance.now() + PATIENCE_MS;
    while (!/http:\/\/\S+:\d+/.test(this.said)) {
      if (this.#isOver || performance.now() > end) throw new Error(`\`${this.command}\` does not answer:\n${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    if (!this.#isOver && this.#child.pid) process.kill(-this.#child.pid, signal);
  }

  get #isOver() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** All terminals of a reader. */
export class Terminals {
  /** The programs that go on. @type {Program[]} */
  #open = [];

  /** @param {string} folder where they begin @param {NodeJS.ProcessEnv} env */
  constructor(folder, env) {
    this.folder = folder;
    this.env = env;
  }

  /**
   * Gives a command. One that goes on is waited for until it answers, and any other until it ends.
   * @param {string} command @returns {Promise<{ said: string, code: number | string }>}
   */
  async give(command) {
    const into = /^cd (\S+)$/.exec(command)?.[1];
    if (into) {
      this.folder = `${this.folder}/${into}`;
      return { said: "", code: 0 };
    }
    const program = new Program(command, this.folder, this.env);
    if (!GOES_ON.test(command)) {
      this.#open.push(program);
      const code = await program.end();
      this.#open.splice(this.#open.indexOf(program), 1);
      return { said: program.said, code };
    }
    this.#open.push(program);
    await program.answers();
    return { said: program.said, code: 0 };
  }

  /** Ctrl-C for the programs of a command, or for all; gives what each exits with. @param {string} [command] */
  async interrupt(command) {
    const those = this.#open.filter((it) => command === undefined || it.command === command);
    this.#open = this.#open.filter((it) => !those.includes(it));
    return await Promise.all(
      those.map(async (it) => {
        it.signal("SIGINT");
        return { command: it.command, code: await it.end(), said: it.said };
      }),
    );
  }

  /** Ends what is left, whatever it is at. */
  async close() {
    for (const it of this.#open) it.signal("SIGKILL");
    await Promise.all(this.#open.map((it) => it.end()));
  }
}
