/**
 * What is held against the protocol: the server in memory, and the real one. The same tests speak to both;
 * they differ in how time passes and in what breaks a connection.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe } from "vitest";
import { WebSocket } from "ws";
import { cursor, selection, status, typing } from "../../../generated/index.js";
import type { PresenceClient } from "../../src/index.js";
import type { Request } from "../../src/index.js";
import { MemoryStorage, TestServer } from "../../src/testing/index.js";
import { SERVER, clientOf, startServer } from "../server.js";
import type { Server } from "../server.js";
import { Wire } from "./wire.js";

/** A request as tests make them. */
export interface Asking {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** A text, or what becomes one as JSON. */
  readonly body?: unknown;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly json: any;
}

/** A server, whatever it is. */
export interface Subject {
  /** Opens a WebSocket. */
  open(): Promise<Wire>;
  /** Asks for something that is answered at once. */
  ask(path: string, asking?: Asking): Promise<Answer>;
  /** Asks for an event stream. */
  stream(path: string, asking?: Asking): Promise<Wire>;
  /** A client with a tab of its own, over a WebSocket or, where none gets through, over HTTP. */
  client(carrier?: Carrier): Subjected;
  /** Lets time pass: at least so much, and enough for a tick beyond. */
  wait(ms: number): Promise<void>;
  /** Waits until a check does not throw any longer. */
  until(check: () => void): Promise<void>;
  close(): Promise<void>;
}

/** What carries a client's connection. */
export type Carrier = "websocket" | "sse";

/** A client and its network. */
export interface Subjected {
  readonly client: PresenceClient;
  /** Breaks its connection. */
  disconnect(): void;
}

/** What both servers know. */
export const TOPICS = [cursor, selection, status, typing];
/** How late the real server and a busy machine may be. */
const SLACK_MS = 150;
const PATIENCE_MS = 5_000;

/** Makes a subject for a test; `real` only where the program is there. */
export type Subjects = () => Subject;

/** Runs tests before both servers. */
export function conformance(name: string, tests: (subject: Subjects) => void): void {
  describe(`${name}: the server in memory`, () => tests(() => memory()));
  describe.skipIf(SERVER === undefined)(`${name}: the real server`, () => {
    let server: Server | undefined;
    beforeAll(async () => {
      server = await startServer();
    });
    afterAll(() => server?.stop());
    tests(() => {
      if (server === undefined) throw new Error("it has started");
      return real(server);
    });
  });
}

/** The server in memory. */
export const memory = (server = new TestServer({ topics: TOPICS })): Subject => new Memory(server);

/** A real server that runs. */
export const real = (server: Server): Subject => new Real(server);

class Memory implements Subject {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  async open(): Promise<Wire> {
    const socket = this.#server.connect();
    const wire = new Wire(() => this.#server.settle(), (text) => socket.send(text), () => socket.close());
    socket.onmessage = ({ data }: { readonly data: string }) => wire.heard(data);
    socket.onclose = ({ code }: { readonly code: number }) => wire.ended(code);
    wire.break = () => socket.broken();
    await this.#server.settle();
    return wire;
  }

  async ask(path: string, asking: Asking = {}): Promise<Answer> {
    const { status, headers, text } = await this.#server.fetch(path, init(asking));
    return { status, headers, json: parsed(await text()) };
  }

  async stream(path: string, asking: Asking = {}): Promise<Wire> {
    const stop = new AbortController();
    const { body } = await this.#server.fetch(path, { ...init(asking), signal: stop.signal });
    const wire = new Wire(() => this.#server.settle(), () => {}, () => stop.abort());
    if (body) void wire.read(body);
    return wire;
  }

  client(transport: Carrier = "websocket"): Subjected {
    const client = this.#server.client({ transport });
    return { client, disconnect: () => this.#server.disconnect(client) };
  }

  async wait(ms: number): Promise<void> {
    await this.#server.advance(ms);
    await this.#server.settle();
  }

  async until(check: () => void): Promise<void> {
    for (let waited = 0; waited < PATIENCE_MS; waited += 10) {
      try {
        return check();
      } catch {
        await this.wait(10);
      }
    }
    check();
  }

  close(): Promise<void> {
    this.#server.close();
    return Promise.resolve();
  }
}

class Real implements Subject {
  readonly #server: Server;
  readonly #closing: (() => void)[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  async open(): Promise<Wire> {
    const socket = new WebSocket(`${this.#server.url.replace("http", "ws")}/ws`);
    const wire = new Wire(undefined, (text) => socket.send(text), () => socket.close(1000));
    socket.on("message", (data) => wire.heard(String(data)));
    socket.on("close", (code) => wire.ended(code));
    wire.break = () => socket.terminate();
    this.#closing.push(() => socket.terminate());
    await new Promise((resolve) => socket.on("open", resolve));
    return wire;
  }

  async ask(path: string, asking: Asking = {}): Promise<Answer> {
    const response = await fetch(`${this.#server.url}/${path}`, init(asking));
    return { status: response.status, headers: response.headers, json: parsed(await response.text()) };
  }

  async stream(path: string, asking: Asking = {}): Promise<Wire> {
    const stop = new AbortController();
    const { body } = await fetch(`${this.#server.url}/${path}`, { ...init(asking), signal: stop.signal });
    const wire = new Wire(undefined, () => {}, () => stop.abort());
    this.#closing.push(() => stop.abort());
    if (body) void wire.read(body);
    return wire;
  }

  client(transport: Carrier = "websocket"): Subjected {
    const breaking = new Set<() => void>();
    const connect = (url: string) => {
      const socket = new WebSocket(url);
      breaking.add(() => socket.terminate());
      return socket;
    };
    const request = async (url: string, { signal, ...more }: Request) => {
      const stop = new AbortController();
      breaking.add(() => stop.abort(new TypeError("fetch failed")));
      signal?.addEventListener("abort", () => stop.abort(signal.reason));
      return await fetch(url, { ...more, signal: stop.signal });
    };
    const environment = { connect, fetch: request, storage: new MemoryStorage() };
    const client = clientOf(this.#server, { transport, environment });
    this.#closing.push(() => client.close());
    const disconnect = () => {
      for (const it of breaking) it();
      breaking.clear();
    };
    return { client, disconnect };
  }

  async wait(ms: number): Promise<void> {
    await sleep(ms + SLACK_MS);
  }

  async until(check: () => void): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(10)) {
      try {
        return check();
      } catch {
        // Not yet.
      }
    }
    check();
  }

  close(): Promise<void> {
    for (const it of this.#closing.splice(0)) it();
    return Promise.resolve();
  }
}

function init({ method = "GET", headers = {}, body }: Asking): {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
} {
  if (body === undefined) return { method, headers };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method, headers: { "content-type": "application/json", ...headers }, body: text };
}

function parsed(text: string): unknown {
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
