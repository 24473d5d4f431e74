import { addressOf } from "./address.js";
import type { Address } from "./address.js";
import { Attention } from "./attention.js";
import type { Thresholds } from "./attention.js";
import { Batch } from "./batch.js";
import type { Pace } from "./batch.js";
import { remember, remembered } from "./carrier.js";
import { Connection } from "./connection.js";
import type { Answer } from "./connection.js";
import { Claim } from "./claim.js";
import { Compared, contractOf, mismatched } from "./contracts.js";
import type { AnyTopic, ParameterArguments } from "./descriptor.js";
import { realEnvironment } from "./environment.js";
import type { Environment, SessionStore } from "./environment.js";
import { PresenceError } from "./error.js";
import { TopicHandle } from "./handle.js";
import type { UserId } from "./id.js";
import { Life } from "./life.js";
import type { Ear, Line } from "./line.js";
import { Listeners } from "./listeners.js";
import type { Carrier, Phase } from "./machine.js";
import { topicName } from "./name.js";
import { connected } from "./status.js";
import type { Patience, State, Status } from "./status.js";
import { Tokens } from "./token.js";
import type { TokenLink, TokenSource } from "./token.js";
import { Topic } from "./topic.js";
import type { Host } from "./topic.js";
import type { View } from "./view.js";
import { PROTOCOL } from "./wire.js";
import type { ClientMessage, Hello, Mismatch, ServerMessage, Welcome } from "./wire.js";

/** How long after a page's end its members leave, unless it comes back. */
const PAGE_END_MS = 2_000;

/** What a client is made with. */
export interface ClientOptions {
  /** Where the server is: absolute, or relative to the page, such as `/presence`. */
  readonly url: string;
  /**
   * A token for the application's authentication, or what gets one: for each connection, and whenever
   * the one before is about to expire. When it fails it is called again later, unless it throws a
   * {@link PresenceError} that is not `retryable`, such as `unauthenticated`: then the client closes.
   */
  readonly token?: TokenSource;
  /**
   * Called with what nobody waits for: a topic that may not be read any longer, a presence that was
   * refused after a reconnect, a token that cannot be replaced. Defaults to reporting an error.
   */
  readonly onError?: (error: PresenceError, topic?: string) => void;
  /** Called when the server has another contract of a topic type. Defaults to reporting an error. */
  readonly onMismatch?: (mismatch: Mismatch) => void;
  /** Where the session key is kept. Defaults to `sessionStorage`, else to memory. */
  readonly session?: SessionStore;
  /**
   * What carries the connection: a WebSocket, or an event stream and requests over HTTP where something
   * on the way lets no WebSocket through. Defaults to `auto`, which finds out, remembers it for the tab,
   * and tries a WebSocket again after ten minutes or when the network is another.
   */
  readonly transport?: Carrier | "auto";
  /** After how long without input somebody is idle, and away. Defaults to one minute and five. */
  readonly activity?: Partial<Thresholds>;
  /** When listeners are told. Defaults to `frame`, which is at once where nothing is painted. */
  readonly pace?: Pace;
  /** What is different in the world around the client, such as `connect` where there is no `WebSocket`. */
  readonly environment?: Partial<Environment>;
}

/**
 * A client of a presence server: one connection for any number of topics. It connects when the first
 * topic is used.
 *
 * @example
 * const client = new PresenceClient({ url: "/presence" });
 * const board = client.topic(cursor, { board: "42" });
 */
export class PresenceClient {
  readonly #environment: Environment;
  readonly #address: Address;
  readonly #transport: Carrier | "auto";
  readonly #tokens: Tokens;
  readonly #onError: ClientOptions["onError"];
  readonly #claim: Claim;
  readonly #onMismatch: (mismatch: Mismatch) => void;
  readonly #connection: Connection;
  readonly #attention: Attention;
  readonly #batch: Batch;
  readonly #topics = new Map<string, Topic>();
  readonly #everywhere = new Set<(topic: Topic) => void>();
  readonly #compared = new Compared();
  readonly #host: Host & TokenLink;
  readonly #onStatus: Listeners<readonly [Status]>;
  readonly #tell = () => this.#onStatus.emit(this.#status);
  #life: Life | undefined;
  #identity: Host["identity"];
  #status: Status;

  constructor(options: ClientOptions) {
    const { url, token, onError, onMismatch, session, transport = "auto", activity, pace = "frame" } = options;
    const real = { ...realEnvironment(), ...options.environment };
    const environment = session ? { ...real, storage: session } : real;
    this.#environment = environment;
    this.#address = addressOf(url, environment.base);
    this.#transport = transport;
    this.#claim = new Claim(environment, `presence:${this.#address.http}`);
    this.#onError = onError;
    this.#onMismatch = onMismatch ?? ((mismatch) => environment.report(mismatched(mismatch)));
    this.#batch = new Batch(environment, pace);
    this.#onStatus = new Listeners((error) => environment.report(error));
    this.#host = this.#hosting();
    this.#tokens = new Tokens(token, this.#host);
    const tokens = this.#tokens;
    const auto = transport === "auto";
    const carrier = auto ? remembered(environment, this.#remembers) : transport;
    const status = { transport: carrier, attempt: 0, retryAt: null, error: null };
    this.#status = { state: "connecting", since: environment.now(), ...status };
    this.#connection = new Connection(environment, { socket: this.#address.socket, carrier, auto }, {
      hello: () => this.#hello(),
      get renewable() {
        return tokens.renewable;
      },
      probe: () => this.#active(),
      overHttp: (ear) => this.#overHttp(ear),
      welcome: (message) => this.#welcome(message),
      identify: (message) => this.#identify(message),
      hear: (message) => this.#hear(message),
      lost: () => this.#lost(),
      changed: () => this.#refresh(),
    });
    const busy = () => {
      const open = this.#connection.phase === "open";
      if (open && !this.#life?.left) this.#connection.send(this.#active());
      this.#each((topic) => topic.changed());
    };
    this.#attention = new Attention(environment, environment.page, busy, activity);
    this.#live();
  }

  /** How the client is connected. Immutable, and the same object while nothing changes. */
  get status(): Status {
    return this.#status;
  }

  /** Calls whenever {@link status} is another; returns what stops it. */
  onStatus(call: (status: Status) => void): () => void {
    return this.#onStatus.add(call);
  }

  /** Connects now, before a topic is used, or again after the client was closed, by whomever. */
  connect(): void {
    if (this.#connection.phase === "closed") this.#live();
    this.#connection.turn({ type: "begin" });
  }

  /**
   * Connects, and waits until that has worked.
   *
   * @throws {PresenceError} why the client is closed, or `timeout`; what `signal` says when it aborts
   */
  waitForConnected(patience: Patience = {}): Promise<void> {
    this.#host.begin();
    return connected(this, patience, this.#environment);
  }

  /**
   * A handle of a topic. The parameters are those of the type's pattern.
   *
   * @throws {PresenceError} `invalid_topic` when a parameter is no segment of a topic
   */
  topic<Type extends AnyTopic>(type: Type, ...parameters: ParameterArguments<Type>): TopicHandle<Type> {
    const name = topicName(type.pattern, parameters[0]);
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = new Topic(name, type, this.#host);
      this.#topics.set(name, topic);
      for (const call of this.#everywhere) call(topic);
      this.#compare();
    }
    return new TopicHandle<Type>(topic);
  }

  /**
   * Calls whenever a view of any topic is another, of those there are handles of and those to come. Subscribes
   * to them all; returns what stops it.
   */
  onChange(call: (topic: string, view: View) => void): () => void {
    const stops: (() => void)[] = [];
    const watch = (topic: Topic) => void stops.push(topic.on(topic.lens(), "change", (view) => call(topic.name, view)));
    this.#everywhere.add(watch);
    this.#each(watch);
    return () => {
      this.#everywhere.delete(watch);
      for (const stop of stops.splice(0)) stop();
    };
  }

  /** Everybody who is seen in any topic, each with the names of the topics: `size` is how many users there are. */
  users(): ReadonlyMap<UserId, readonly string[]> {
    const users = new Map<UserId, string[]>();
    this.#each((topic) => {
      for (const { user } of topic.view().users) users.set(user, [...(users.get(user) ?? []), topic.name]);
    });
    return users;
  }

  /**
   * Shows the server another token now: this one from now on, or another one from `token`. After that
   * it is asked again for what it refused. Resolves once the server has taken it; another user's token
   * is shown on a connection of its own.
   *
   * @throws {PresenceError} when it is refused; what was shown before holds on then
   */
  renew(token?: TokenSource): Promise<void> {
    return this.#tokens.renew(token);
  }

  /** Leaves all topics, whoever announced there. Watching goes on. */
  async leaveAll(): Promise<void> {
    await Promise.all(Array.from(this.#topics.values(), (topic) => topic.leaveAll()));
  }

  /** Leaves all topics and ends the client for good. */
  close(): void {
    void this.leaveAll();
    this.#connection.turn({ type: "close", error: null });
  }

  async #hello(): Promise<Hello> {
    const [session, token] = await Promise.all([this.#claim.get(), this.#tokens.get()]);
    this.#compared.clear();
    return {
      type: "hello",
      protocol: PROTOCOL,
      session: session.key,
      ...(token === undefined ? {} : { token }),
      schemas: this.#compared.news(this.#types()) ?? {},
    };
  }

  #types(): AnyTopic[] {
    return Array.from(this.#topics.values(), (topic) => topic.type);
  }

  /** Has the server compare the contracts of types that are used for the first time. */
  #compare(): void {
    if (this.#connection.phase !== "open") return;
    const schemas = this.#compared.news(this.#types());
    if (schemas) this.#connection.send({ type: "schemas", schemas });
  }

  #welcome({ session, user }: Welcome): void {
    if (this.#identity && user !== null && this.#identity.user !== user) this.#each((topic) => topic.changeUser());
    this.#identify({ session, user });
    if (this.#transport === "auto") remember(this.#environment, this.#remembers, this.#connection.carrier);
    this.#tokens.welcome();
    this.#compare();
    this.#each((topic) => topic.welcome());
  }

  #identify({ session, user }: Pick<Welcome, "session" | "user">): void {
    if (session === null || user === null || this.#identity?.user === user) return;
    // As the server says it: whose user is just the session has no other name.
    this.#identity = { member: user === session ? session : `${user}.${session}`, user };
    this.#each((topic) => topic.changed());
  }

  /** What speaks HTTP is loaded only where it is needed. */
  async #overHttp(ear: Ear): Promise<Line> {
    const { httpLine } = await import("./http.js");
    const { http: url, socket } = this.#address;
    return httpLine({
      environment: this.#environment,
      ear,
      url,
      socket,
      next: () => this.#host.next(),
      contract: (name) => {
        const topic = this.#topics.get(name);
        return topic && contractOf(topic.type);
      },
      upgrade: this.#transport === "auto" ? () => this.#connection.turn({ type: "again", carrier: "websocket" }) : undefined,
    });
  }

  /** Where the tab remembers what carries its connections. */
  get #remembers(): string {
    return `presence:transport:${this.#address.http}`;
  }

  #lost(): void {
    this.#tokens.lost();
    this.#each((topic) => topic.lost());
  }

  /** The token is another user's: this one leaves, and the other one comes on a connection of theirs. */
  #changeUser(): void {
    this.#each(({ present, name }) => {
      if (present) this.#connection.send({ type: "leave", topic: name, n: this.#host.next() });
    });
    this.#connection.turn({ type: "again" });
  }

  /**
   * A session that is taken, as by the user who was logged in here before, is given up for a new one;
   * what was said is said again there. Returns what the answer comes to.
   */
  #unlessTaken(answer: Answer): Answer {
    const taken = answer instanceof PresenceError && answer.code === "session_taken";
    if (!taken || !this.#claim.another()) return answer;
    this.#connection.turn({ type: "again" });
    return new PresenceError({ code: "disconnected", message: "the session was taken" });
  }

  #hear(message: ServerMessage): void {
    switch (message.type) {
      case "snapshot":
      case "changes":
        return this.#topics.get(message.topic)?.hear(message);
      case "mismatch": {
        const { schema, older, fields } = message;
        try {
          return this.#onMismatch({ schema, older, fields });
        } catch (error) {
          return this.#environment.report(error);
        }
      }
      case "gone":
        return this.#topics.get(message.topic)?.gone(message.reason);
      case "expiring":
        return this.#tokens.expiring(message.expiresInMs);
      case "ended":
        return this.#topics.get(message.topic)?.ended(message.error);
      case "status":
        // How fresh other nodes are matters to clients of a cluster only.
        return;
      case "welcome":
      case "ok":
      case "error":
      case "draining":
        // The connection's own.
        return;
      default:
        message satisfies never;
    }
  }

  /** Watches the page, from the beginning or anew. */
  #live(): void {
    this.#attention.look();
    this.#life = new Life(this.#environment.page, {
      input: () => this.#attention.input(),
      look: () => this.#attention.look(),
      flush: () => {
        this.#each((topic) => topic.flush());
        this.#batch.flush();
      },
      goodbye: () => this.#sayGoodbye(),
      back: (left) => {
        if (left) void this.#claim.session?.hold();
        this.#connection.turn({ type: left ? "again" : "look" });
      },
      doubt: () => this.#connection.turn({ type: "doubt" }),
    });
  }

  /**
   * The members leave a little later, so that a reload, which is the same session, keeps them. The
   * connection goes, or the page could not be kept to be returned to.
   */
  #sayGoodbye(): void {
    const { session } = this.#claim;
    if (session === undefined) return;
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (this.#tokens.last !== undefined) headers["authorization"] = `Bearer ${this.#tokens.last}`;
    this.#each(({ name, present }) => {
      if (!present) return;
      const body = JSON.stringify({ session: session.key, n: session.next(), afterMs: PAGE_END_MS });
      const request = { method: "POST", keepalive: true, headers, body } as const;
      // It outlives the page, and so nobody is there to hear of it.
      this.#environment.fetch(`${this.#address.http}/${name}/leave`, request).catch(() => {});
    });
    session.release();
    this.#connection.turn({ type: "pause" });
  }

  /** How busy one is, for all topics. */
  #active(): ClientMessage {
    const { activity, hidden } = this.#attention;
    return { type: "activity", activity, hidden, n: this.#host.next() };
  }

  #hosting(): Host & TokenLink {
    const client = this;
    const { now, random, setTimeout, clearTimeout } = this.#environment;
    return {
      now,
      random,
      setTimeout,
      clearTimeout,
      report: (error, topic) => client.#report(error, topic),
      get open() {
        return client.#connection.phase === "open";
      },
      get over() {
        return client.#connection.phase === "closed" ? client.#closed() : undefined;
      },
      get state() {
        return client.#status.state;
      },
      get identity() {
        return client.#identity;
      },
      get activity() {
        return client.#attention.activity;
      },
      get hidden() {
        return client.#attention.hidden;
      },
      next: () => client.#claim.session?.next() ?? 0,
      batch: client.#batch,
      ask: (message, done) => client.#connection.ask(message, (answer) => done(client.#unlessTaken(answer))),
      begin: () => client.#connection.phase === "idle" && client.#connection.turn({ type: "begin" }),
      changed: () => client.#refresh(),
      accepted: () => client.#each((topic) => topic.renewed()),
      changeUser: () => client.#changeUser(),
      end: (error) => client.#connection.turn({ type: "close", error }),
    };
  }

  /** Tells of what nobody waits for. */
  #report(error: unknown, topic?: string): void {
    if (!(error instanceof PresenceError) || this.#onError === undefined) return this.#environment.report(error);
    try {
      this.#onError(error, topic);
    } catch (thrown) {
      this.#environment.report(thrown);
    }
  }

  #each(call: (topic: Topic) => void): void {
    for (const topic of [...this.#topics.values()]) call(topic);
  }

  /** Looks whether the status is another, and tells soon. */
  #refresh(): void {
    const { attempt, retryAt, error, phase, carrier: transport } = this.#connection;
    const before = this.#status;
    const now = { state: this.#state(phase), transport, attempt, retryAt, error };
    const keys = Object.keys(now) as (keyof typeof now)[];
    if (keys.every((key) => now[key] === before[key])) return;
    this.#status = { ...now, since: now.state === before.state ? before.since : this.#environment.now() };
    if (now.state === "closed") this.#end();
    this.#each((topic) => topic.changed());
    this.#batch.add(this.#tell);
  }

  #state(phase: Phase): State {
    if (phase === "closed") return "closed";
    if (phase !== "open") return this.#identity === undefined ? "connecting" : "stale";
    return Array.from(this.#topics.values()).every((topic) => topic.synced) ? "live" : "syncing";
  }

  /** It is over, by the application or by the server. */
  #end(): void {
    this.#life?.stop();
    this.#attention.stop();
    this.#tokens.close(this.#closed());
    this.#each((topic) => topic.close(this.#closed(), this.#connection.error !== null));
    this.#claim.release();
  }

  #closed(): PresenceError {
    const { error } = this.#connection;
    return error ?? new PresenceError({ code: "closed", message: "the client is closed" });
  }
}
