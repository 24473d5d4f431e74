/** The server of the examples as a process. */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { afterAll } from "vitest";

/** The program, which `make test-ported` builds and names. */
export const PROGRAM = process.env["PORTED_SERVER"];

export interface Program {
  /** Such as `http://127.0.0.1:40123/presence`. */
  readonly url: string;
  /** Ends it without giving it time to say goodbye. */
  kill(): Promise<void>;
}

const running = new Set<Program>();
afterAll(async () => {
  for (const it of running) await it.kill();
});

/** Starts it at an address; port 0 is any free one. */
export async function start(address = "127.0.0.1:0"): Promise<Program> {
  if (PROGRAM === undefined) throw new Error("PORTED_SERVER is not set: run `make test-ported`");
  const child = spawn(PROGRAM, [address], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended at once, code ${code}`)));
    createInterface(child.stderr).on("line", (line) => {
      const found = /listens on (http:\S+)/.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  const program = {
    url,
    async kill() {
      running.delete(program);
      child.kill("SIGKILL");
      await ended;
    },
  };
  running.add(program);
  return program;
}

/** A session's key. */
export const newSession = () => randomBytes(16).toString("hex");
