/** A world without network and browser, for tests with fake timers. */

import { realEnvironment } from "../src/world.js";
import type { Environment, Page, PageEvent, Reply, Request, SessionStore, Socket } from "../src/environment.js";
import { PresenceClient } from "../src/index.js";
import type { ClientOptions } from "../src/index.js";
import type { Fault } from "../src/error.js";
import type { ClientMessage, Entry, ServerMessage } from "../src/wire.js";
// What is loaded when it is needed first is there at once.
import "../src/conversation.js";
import "../src/http.js";

/** A page whose events tests make. */
export class FakePage implements Page {
  hidden = false;
  readonly #watchers = new Set<(event: PageEvent) => void>();

  watch(on: (event: PageEvent) => void): () => void {
    this.#watchers.add(on);
    return () => this.#watchers.delete(on);
  }

  turn(event: PageEvent): void {
    if (event === "hide" || event === "show") this.hidden = event === "hide";
    for (const on of [...this.#watchers]) on(event);
  }
}

/** Storage that a test can look into. */
export class FakeStorage implements SessionStore {
  readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  /** What the client said, oldest first. */
  readonly sent: ClientMessage[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.closed = true;
  }

  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Ends the connection from the server's side. */
  end(code: number): void {
    this.onclose?.({ code, reason: "" });
  }

  /** The messages of a type, oldest first. */
  all<Type extends ClientMessage["type"]>(type: Type): Extract<ClientMessage, { type: Type }>[] {
    return this.sent.filter((it) => it.type === type) as Extract<ClientMessage, { type: Type }>[];
  }
}

/** The public session id that the fake server gives. */
export const SESSION = "k3xk3xk3xk3xk3xk";
/** A session key; its public id is another. */
export const SESSION_KEY = "00112233445566778899aabbccddeeff";
/** The own member's id there. */
export const ME = `me.${SESSION}`;

/** A world in which a test is the server. */
export class World {
  readonly page = new FakePage();
  readonly storage = new FakeStorage();
  readonly sockets: FakeSocket[] = [];
  readonly reported: unknown[] = [];
  readonly posted: { readonly url: string; readonly body: unknown; readonly token?: string }[] = [];
  /** Whom the server takes the client for. */
  user = "me";
  /** What it refuses instead of doing it. */
  refuses: (message: ClientMessage) => Fault | undefined = () => undefined;
  /** Whether sockets are welcomed and questions answered. */
  answering = true;
  readonly environment: Environment;

  constructor(more: Partial<Environment> = {}) {
    this.environment = {
      ...realEnvironment(),
      random: () => 1,
      connect: () => this.#connect(),
      fetch: (url, request) => this.#fetch(url, request),
      frame: undefined,
      storage: this.storage,
      locks: undefined,
      page: this.page,
      base: "https://example.org/app/",
      report: (error) => void this.reported.push(error),
      ...more,
    };
  }

  client(options: Partial<ClientOptions> = {}): PresenceClient {
    return new PresenceClient({ url: "/presence", transport: "websocket", environment: this.environment, ...options });
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nothing has connected yet");
    return socket;
  }

  #fetch(url: string, { body = "null", headers }: Request): Promise<Reply> {
    const token = headers["authorization"]?.replace("Bearer ", "");
    this.posted.push({ url, body: JSON.parse(body) as unknown, ...(token === undefined ? {} : { token }) });
    return Promise.resolve(new Response("{}"));
  }

  #connect(): FakeSocket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    const send = socket.send.bind(socket);
    socket.send = (text) => {
      send(text);
      if (this.answering) queueMicrotask(() => this.answer(socket, JSON.parse(text) as ClientMessage));
    };
    queueMicrotask(() => this.answering && socket.onopen?.());
    return socket;
  }

  /** Answers as the server does when all is well. */
  answer(socket: FakeSocket, message: ClientMessage): void {
    const error = this.refuses(message);
    if (error) {
      socket.say({ type: "error", ...(message.id === undefined ? {} : { id: message.id }), error });
    } else if (message.type === "hello") {
      const limits = { maxMessageBytes: 16_384, maxTopics: 128 };
      socket.say({ type: "welcome", session: SESSION, user: this.user, heartbeatMs: 10_000, limits });
    } else if (message.id !== undefined) {
      const ack = {
        change: "updated",
        member: ME,
        version: 1,
        heartbeatMs: 10_000,
        throttleMs: 50,
      } as const;
      const more = message.type === "heartbeat" ? ack : message.type === "leave" ? { left: true } : {};
      socket.say({ type: "ok", id: message.id, ...more });
    }
  }
}

/** An entry of a user's only session. */
export function entry(user: string, value: unknown, more: Partial<Entry> = {}): Entry {
  return {
    member: `${user}.session`,
    user,
    value,
    activity: "active",
    following: [],
    version: 1,
    joinedMs: 10,
    updatedMs: 10,
    ...more,
  };
}
