/** A presence server in memory, for tests of whatever uses the client. */

import { PresenceClient } from "../client.js";
import type { ClientOptions } from "../client.js";
import type { Environment, Reply, Request } from "../environment.js";
// Loaded already when a client asks for them: loading takes time that no clock here knows of.
import "../conversation.js";
import "../http.js";
import type { Entry } from "../wire.js";
import { Clock } from "./clock.js";
import { Access } from "./hub/access.js";
import type { Authenticate, Authorize } from "./hub/access.js";
import { Hub } from "./hub/hub.js";
import { Kind } from "./hub/kind.js";
import type { ServedTopic } from "./hub/kind.js";
import { DEFAULT_LIMITS } from "./hub/limits.js";
import type { Limits } from "./hub/limits.js";
import { Random } from "./random.js";
import { entryOpen } from "./wire/frames.js";
import { memoryFetch } from "./world/fetch.js";
import { Line } from "./world/line.js";
import type { Transport } from "./world/line.js";
import { MemorySocket } from "./world/socket.js";
import { MemoryLocks, MemoryPage, MemoryStorage } from "./world/tab.js";

/** What a server is made with. */
export interface TestServerOptions {
  /** The topic types it knows: constants of `generated/`. Spread one to give it other figures. */
  readonly topics: readonly ServedTopic[];
  /** Decides epochs, keys, delays and what clients draw. The same seed is the same story. Defaults to 1. */
  readonly seed?: number;
  /** Says who shows a token. Defaults to taking it for the user's name, and whoever shows none for a guest. */
  readonly authenticate?: Authenticate;
  /** Says who may do what. Defaults to everybody and everything. */
  readonly authorize?: Authorize;
  /** Figures other than the server's defaults. */
  readonly limits?: Partial<Limits>;
}

/** What a client of the server is made with, beside the client's own options. */
export interface TestClientOptions extends Partial<Omit<ClientOptions, "url">> {
  /** Who it is, by the name that `authenticate` takes for a token. Defaults to a guest, whose user is the session. */
  readonly user?: string;
  /** What its tab remembers, such as that of another client whose page is reloaded. */
  readonly storage?: MemoryStorage;
}

/** A kick's topic: a name, or a handle that has one. */
type Named = string | { readonly name: string };

/** What surrounds a client. */
interface Tab {
  readonly line: Line;
  readonly page: MemoryPage;
  readonly storage: MemoryStorage;
  readonly options: TestClientOptions;
}

/** Timers that are no longer than this are waited for when a test settles. */
const SHORT_MS = 250;
const ORIGIN = "https://presence.test";
const PREFIX = "/presence";

/**
 * A presence server in memory: the protocol as ARCHITECTURE.md has it, a clock that a test moves, and
 * everything that can go wrong on the way. The clients are real ones.
 *
 * @example
 * const server = new TestServer({ topics: [cursor] });
 * const ann = server.client({ user: "ann" });
 * const bo = server.client({ user: "bo" });
 * bo.topic(cursor, { board: "42" }).onJoin(({ user }) => console.log(user));
 * ann.topic(cursor, { board: "42" }).heartbeat({ x: 1, y: 2, label: "Ann" });
 * await server.settle();
 */
export class TestServer {
  /** The seed of this story. */
  readonly seed: number;
  readonly #clock = new Clock();
  readonly #random: Random;
  readonly #kinds: readonly Kind[];
  readonly #access: Access;
  readonly #limits: Limits;
  readonly #blocked = new Set<Transport>();
  readonly #tabs = new Map<PresenceClient, Tab>();
  readonly #lines = new Set<Line>();
  readonly #locks = new MemoryLocks();
  /** What clients report that nobody listens for. */
  readonly #reported: unknown[] = [];
  #hub: Hub | undefined;

  /** A server that runs, on a clock that stands still. */
  constructor({ topics, seed = 1, authenticate, authorize, limits }: TestServerOptions) {
    this.seed = seed;
    this.#random = new Random(seed);
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#kinds = topics.map((it) => new Kind(it, this.#limits.maxValuesPerSecond));
    this.#access = new Access(this.#kinds, authenticate, authorize);
    this.start();
  }

  /** Where it is: `https://presence.test/presence`. Only {@link environment} reaches it. */
  get url(): string {
    return ORIGIN + PREFIX;
  }

  /** What its clock shows, in milliseconds since it was made. */
  get now(): number {
    return this.#clock.now;
  }

  /** What clients reported to nobody in particular: errors of handlers, and what nobody waited for. */
  get reported(): readonly unknown[] {
    return this.#reported;
  }

  /** A client in a tab of its own, on a line of its own. */
  client(options: TestClientOptions = {}): PresenceClient {
    const { user, storage = new MemoryStorage(), ...rest } = options;
    const line = this.#line();
    const page = new MemoryPage();
    const environment = { ...this.environment(line, page, storage), ...rest.environment };
    const token = user === undefined ? {} : { token: () => Promise.resolve(user) };
    const client = new PresenceClient({ ...token, ...rest, url: this.url, environment });
    this.#tabs.set(client, { line, page, storage, options });
    return client;
  }

  /** The world of a client that a test makes by itself: its network leads here, its clock is this one. */
  environment(line = this.#line(), page = new MemoryPage(), storage = new MemoryStorage()): Environment {
    const clock = this.#clock;
    const random = new Random(Math.floor(this.#random.next() * 2 ** 32));
    const later = (run: () => void, ms: number) => clock.after(ms, ms <= SHORT_MS ? "awaited" : "patient", run);
    return {
      now: () => clock.now,
      wallNow: () => clock.now,
      setTimeout: later,
      clearTimeout: (timer) => (timer as { cancel(): void } | undefined)?.cancel(),
      random: () => random.next(),
      newKey: () => random.hex(32),
      connect: () => new MemorySocket(line, () => this.#hub),
      fetch: (url, request) => memoryFetch(line, () => this.#hub, PREFIX, url, request),
      // Nothing is painted.
      frame: undefined,
      storage,
      locks: this.#locks.of((run, ms) => clock.after(ms, "patient", run)),
      page,
      base: `${ORIGIN}/`,
      report: (error) => void this.#reported.push(error),
    };
  }

  /** Asks over HTTP, as something that is no client of this package. */
  fetch(path: string, request: Partial<Request> = {}): Promise<Reply> {
    const whole = { method: "GET", headers: {}, ...request } as const;
    return memoryFetch(this.#line(), () => this.#hub, PREFIX, `${this.url}/${path}`, whole);
  }

  /** Opens a WebSocket, for tests of the protocol itself. */
  connect(): MemorySocket {
    return new MemorySocket(this.#line(), () => this.#hub);
  }

  /**
   * Waits until everything that was said has arrived, and was seen: messages, the server's ticks, timers
   * of at most 250 ms. Moves time as far as that takes.
   *
   * @throws Error when there is no end to it
   */
  settle(): Promise<void> {
    return this.#clock.settle();
  }

  /**
   * Moves time by so many milliseconds: leases, grace, decay, pings and attempts to reconnect with it.
   *
   * @throws RangeError when that is less than none
   */
  async advance(ms: number): Promise<void> {
    await this.#clock.advance(ms);
  }

  /** Who is present in a topic, as the server knows it, in the order of joining. */
  members(topic: Named): readonly Entry[] {
    const live = this.#hub?.existing(nameOf(topic));
    const entries = live?.with((it) => [...it.entries.values()]) ?? [];
    return entries.map((it) => JSON.parse(`${entryOpen(it)}}`) as Entry);
  }

  /** The page around a client: `server.page(ann).turn("hide")`. */
  page(client: PresenceClient): MemoryPage {
    return this.#tab(client).page;
  }

  /** The page of a client ends and begins anew: another client, with what its tab remembers. */
  reload(client: PresenceClient): PresenceClient {
    const { line, page, storage, options } = this.#tab(client);
    page.turn("end");
    const { environment: _, ...rest } = options;
    this.#clock.after(0, "awaited", () => line.break());
    return this.client({ ...rest, storage });
  }

  /** The tab of a client is duplicated: another client, with a copy of what its tab remembers. */
  duplicate(client: PresenceClient): PresenceClient {
    const { storage, options } = this.#tab(client);
    return this.client({ ...options, storage: storage.copy() });
  }

  /** The client's connections break, and none come about until {@link restore}. */
  cut(client: PresenceClient): void {
    this.#tab(client).line.cut();
  }

  /** Nothing gets through to the client and from it, and neither end is told, until {@link restore}. */
  drop(client: PresenceClient): void {
    this.#tab(client).line.drop();
  }

  /** The client's connections break; it may come back at once. */
  disconnect(client: PresenceClient): void {
    this.#tab(client).line.break();
  }

  /** Everything takes so long on the client's line, each way, and up to `jitterMs` longer. */
  delay(client: PresenceClient, ms: number, jitterMs = 0): void {
    this.#tab(client).line.delay(ms, jitterMs);
  }

  /** The client's line is as good as new, and its page hears that the network is back. */
  restore(client: PresenceClient): void {
    const { line, page } = this.#tab(client);
    line.restore();
    page.turn("online");
  }

  /** Lets no new connections of a kind through, for anybody: as proxies do that know no WebSockets. */
  block(transport: Transport): void {
    this.#blocked.add(transport);
  }

  /** Lets them through again. */
  unblock(transport: Transport): void {
    this.#blocked.delete(transport);
  }

  /** The server dies without a word and has forgotten everything when it is back, which is at once. */
  restart(): void {
    this.stop();
    this.start();
  }

  /** The server dies without a word. Nobody can connect until {@link start}. */
  stop(): void {
    for (const line of this.#lines) line.break();
    this.#hub?.crash();
    this.#hub = undefined;
  }

  /** The server goes in order: connections end, and clients are told when to come back. Nobody is seen to leave. */
  drain(retryAfterMs = 0): void {
    this.#hub?.drain(retryAfterMs);
    this.#hub = undefined;
  }

  /** A server that knows nothing yet, unless there is one. */
  start(): void {
    this.#hub ??= new Hub(this.#clock, this.#random, this.#kinds, this.#access, this.#limits);
  }

  /** Removes a user from a topic, and refuses them there for a minute. How many sessions went. */
  kick(topic: Named, user: string): number {
    const name = nameOf(topic);
    return this.#hub?.live(name, this.#access.kind(name)).remove((it, now) => it.kick(user, now)) ?? 0;
  }

  /** Has `authorize` asked anew about all that a user does. */
  reauthorize(user: string): void {
    this.#hub?.reauthorize(user);
  }

  /** Ends everything of a user at once: what they showed is worth nothing any more. */
  revoke(user: string): void {
    this.#hub?.revoke(user);
  }

  /** Closes all clients, for the end of a test. */
  close(): void {
    for (const client of this.#tabs.keys()) client.close();
    this.stop();
  }

  #line(): Line {
    const random = new Random(Math.floor(this.#random.next() * 2 ** 32));
    const line = new Line(this.#clock, random, (it) => this.#blocked.has(it));
    this.#lines.add(line);
    return line;
  }

  #tab(client: PresenceClient): Tab {
    const tab = this.#tabs.get(client);
    if (tab) return tab;
    throw new TypeError("this client is none of the server's: make it with `server.client`");
  }
}

function nameOf(topic: Named): string {
  return typeof topic === "string" ? topic : topic.name;
}
