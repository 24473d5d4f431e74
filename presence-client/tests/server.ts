/** The real server, for tests that speak with it. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { PresenceClient } from "../src/index.js";
import type { ClientOptions, Reply, Request, Socket } from "../src/index.js";
import { FakeSocket } from "./fakes.js";

/** The server's program, from the environment. */
export const SERVER = process.env["PRESENCE_SERVER"];

/** The program of the application with people and roles, from the environment. */
export const APP = process.env["PRESENCE_APP"];

/** A running server. */
export interface Server {
  /** Such as `http://127.0.0.1:40123/presence`. */
  readonly url: string;
  stop(): Promise<void>;
  /** Ends it without giving it time to say goodbye. */
  kill(): Promise<void>;
}

/** Starts the server at an address; port 0 is any free one. */
export async function startServer(address = "127.0.0.1:0", options: readonly string[] = []): Promise<Server> {
  if (SERVER === undefined) throw new Error("PRESENCE_SERVER is not set");
  return await start(SERVER, ["--addr", address, ...options], "");
}

/** Starts the application, whose tokens hold for so long. */
export async function startApp(tokenSecs: number): Promise<Server> {
  if (APP === undefined) throw new Error("PRESENCE_APP is not set");
  return await start(APP, ["--addr", "127.0.0.1:0", "--token-secs", String(tokenSecs)], "/presence");
}

async function start(program: string, options: readonly string[], below: string): Promise<Server> {
  const child = spawn(program, options, { stdio: ["ignore", "ignore", "pipe"] });
  const url = (await listening(child)) + below;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await ended;
      clearTimeout(late);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended at once, code ${code}`)));
    if (!child.stderr) return reject(new Error("the server's stderr is piped"));
    createInterface(child.stderr).on("line", (line) => {
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
}

/** The way from a client to its server, which a test can cut, and on which WebSockets may not get through. */
export class Network {
  /** How many WebSockets were asked for. */
  sockets = 0;
  /** What becomes of WebSockets: they never open, are refused, or end as soon as they are open. */
  blocks: "no" | "silently" | "at once" | "later" = "no";
  #up = true;
  readonly #cuts = new Set<() => void>();

  readonly environment = {
    connect: (url: string): Socket => this.#connect(url),
    fetch: (url: string, request: Request): Promise<Reply> => this.#fetch(url, request),
  };

  /** Ends everything that is on its way; nothing else gets through. */
  cut(): void {
    this.#up = false;
    for (const cut of [...this.#cuts]) cut();
    this.#cuts.clear();
  }

  mend(): void {
    this.#up = true;
  }

  #connect(url: string): Socket {
    this.sockets += 1;
    if (this.blocks === "silently") return new FakeSocket();
    const socket = new WebSocket(this.#up && this.blocks !== "at once" ? url : "ws://127.0.0.1:9/");
    if (this.blocks === "later") socket.on("open", () => socket.terminate());
    this.#cuts.add(() => socket.terminate());
    return socket;
  }

  async #fetch(url: string, { signal, ...request }: Request): Promise<Reply> {
    const stop = new AbortController();
    this.#cuts.add(() => stop.abort());
    if (!this.#up) throw new TypeError("the network is cut");
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    return await fetch(url, { ...request, signal: either });
  }
}

/** A client of a running server. Node 20 has no `WebSocket` of its own. */
export function clientOf(server: Server, options: Partial<ClientOptions> = {}): PresenceClient {
  const environment = { connect: (url: string) => new WebSocket(url), ...options.environment };
  return new PresenceClient({ url: server.url, ...options, environment });
}
