import { addressOf } from "./address.js";
import type { Thresholds } from "./attention.js";
import { backoff } from "./backoff.js";
import { Batch } from "./batch.js";
import type { Pace } from "./batch.js";
import type { Conversation, Party } from "./conversation.js";
import type { AnyTopic, ParameterArguments } from "./descriptor.js";
import { nearEnvironment } from "./environment.js";
import type { Environment, SessionStore, Surroundings, Timers } from "./environment.js";
import { PresenceError } from "./error.js";
import { TopicHandle } from "./handle.js";
import type { Host } from "./host.js";
import type { UserId } from "./id.js";
import { Listeners } from "./listeners.js";
import type { Carrier, LinkEvent, Phase } from "./machine.js";
import { topicName } from "./name.js";
import { connected } from "./status.js";
import type { Patience, State, Status } from "./status.js";
import type { TokenSource } from "./token.js";
import { Topic } from "./topic.js";
import type { View } from "./view.js";
import type { Mismatch } from "./wire.js";

/** What a client is made with. */
export interface ClientOptions {
  /**
   * Where the server is: absolute, or relative to the page, such as `/presence`. Where there is no page, as
   * where one is only rendered, a relative one throws as soon as it is needed.
   */
  readonly url: string;
  /**
   * A token for the application's authentication, or what gets one: for each connection, and whenever
   * the one before is about to expire. When it fails it is called again later, unless it throws a
   * {@link PresenceError} that is not `retryable`, such as `unauthenticated`: then the client closes.
   */
  readonly token?: TokenSource;
  /**
   * Called with what nobody waits for: a topic that may not be read any longer, a presence that was
   * refused after a reconnect, a token that cannot be replaced, a listener that threw. Defaults to
   * reporting an error.
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
  readonly #environment: Surroundings;
  readonly #onError: ClientOptions["onError"];
  readonly #party: Party;
  readonly #batch: Batch;
  readonly #topics = new Map<string, Topic>();
  readonly #everywhere = new Set<(topic: Topic) => void>();
  readonly #host: Host;
  readonly #onStatus: Listeners<readonly [Status]>;
  readonly #tell = () => this.#onStatus.emit(this.#status);
  #conversation: Conversation | undefined;
  #loading: Promise<Conversation> | undefined;
  /** Whether it was closed, or connected, before the conversation was loaded. */
  #early: "idle" | "connecting" | "closed" = "idle";
  #status: Status;

  /**
   * A client that connects when it is needed, and does nothing before.
   *
   * @throws {TypeError} when `url` is none of a server
   */
  constructor(options: ClientOptions) {
    const { url, token, onError, onMismatch, session, transport = "auto", activity, pace = "frame" } = options;
    const environment = { ...nearEnvironment(), ...options.environment, ...(session && { storage: session }) };
    this.#environment = environment;
    this.#onError = onError;
    this.#batch = new Batch(environment, pace);
    if (environment.base !== undefined || !url.startsWith("/")) addressOf(url, environment.base);
    this.#onStatus = new Listeners((error) => this.#report(error));
    this.#host = this.#hosting();
    this.#party = {
      environment,
      get address() {
        return addressOf(url, environment.base);
      },
      token,
      transport,
      activity,
      onMismatch,
      topics: this.#topics,
      host: this.#host,
      flush: () => this.#batch.flush(),
      changed: () => this.#refresh(),
      report: this.#host.report,
    };
    const connection = { transport: transport === "sse" ? transport : "websocket", attempt: 0, retryAt: null, error: null } as const;
    this.#status = { state: "connecting", since: environment.now(), ...connection };
  }

  /** The clock it lives by, and its timers: those of its environment, for what is built on a client. */
  get timers(): Timers {
    return this.#environment;
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
    if (this.#phase === "closed") this.#conversation?.live();
    this.#turn({ type: "begin" });
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
      this.#conversation?.attend(topic);
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
  async renew(token?: TokenSource): Promise<void> {
    return (await this.#load()).renew(token);
  }

  /** Leaves all topics, whoever announced there. Watching goes on. */
  async leaveAll(): Promise<void> {
    await Promise.all(Array.from(this.#topics.values(), (topic) => topic.leaveAll()));
  }

  /** Leaves all topics and ends the client, for good unless it is connected again. */
  close(): void {
    void this.leaveAll();
    this.#turn({ type: "close", error: null });
  }

  get #phase(): Phase {
    return this.#conversation?.connection.phase ?? this.#early;
  }

  /** Something happens to the connection, as soon as there is one. */
  #turn(event: LinkEvent): void {
    if (this.#conversation) return this.#conversation.turn(event);
    if (event.type === "close") this.#early = "closed";
    else if (event.type === "begin") {
      // Throws where there is none.
      void this.#party.address;
      this.#early = "connecting";
      this.#load().catch(() => {});
    }
    this.#refresh();
  }

  /** Loads what speaks with the server; tries again where that fails, as when the network is away. */
  #load(attempt = 0): Promise<Conversation> {
    const { random, setTimeout } = this.#environment;
    this.#loading ??= import("./conversation.js").then(
      ({ Conversation }) => {
        const conversation = new Conversation(this.#party);
        this.#conversation = conversation;
        if (this.#early === "connecting") conversation.turn({ type: "begin" });
        else if (this.#early === "closed") conversation.turn({ type: "close", error: null });
        return conversation;
      },
      (cause: unknown) => {
        this.#loading = undefined;
        const error = new PresenceError({ code: "unavailable", message: `cannot be loaded: ${String(cause)}` });
        this.#report(error);
        setTimeout(() => this.#early === "connecting" && this.#load(attempt + 1).catch(() => {}), backoff(attempt, random()));
        throw error;
      },
    );
    return this.#loading;
  }

  #hosting(): Host {
    const client = this;
    const { now, random, setTimeout, clearTimeout } = this.#environment;
    return {
      now,
      random,
      setTimeout,
      clearTimeout,
      batch: this.#batch,
      report: (error, topic) => client.#report(error, topic),
      get open() {
        return client.#phase === "open";
      },
      get over() {
        return client.#phase === "closed" ? client.#closed() : undefined;
      },
      get state() {
        return client.#status.state;
      },
      get outdated() {
        return client.#conversation?.outdated === true;
      },
      get identity() {
        return client.#conversation?.identity;
      },
      get activity() {
        return client.#conversation?.attention.activity ?? "active";
      },
      get hidden() {
        return client.#conversation?.attention.hidden ?? false;
      },
      next: () => client.#conversation?.next() ?? 0,
      ask: (message, done) => client.#conversation?.ask(message, done),
      begin: () => client.#phase === "idle" && client.#turn({ type: "begin" }),
      changed: () => client.#refresh(),
    };
  }

  /** Tells of what nobody waits for. */
  #report(error: unknown, topic?: string): void {
    if (this.#onError === undefined) return this.#environment.report(error);
    const failed = () => new PresenceError({ code: "listener_failed", message: `a listener threw: ${String(error)}` }, error);
    try {
      this.#onError(error instanceof PresenceError ? error : failed(), topic);
    } catch (thrown) {
      this.#environment.report(thrown);
    }
  }

  #each(call: (topic: Topic) => void): void {
    for (const topic of [...this.#topics.values()]) call(topic);
  }

  /** Looks whether the status is another, and tells soon. */
  #refresh(): void {
    const before = this.#status;
    const { attempt, retryAt, error, carrier: transport } = this.#conversation?.connection ?? { ...before, carrier: before.transport };
    const now = { state: this.#state(), transport, attempt, retryAt, error };
    const keys = Object.keys(now) as (keyof typeof now)[];
    if (keys.every((key) => now[key] === before[key])) return;
    this.#status = { ...now, since: now.state === before.state ? before.since : this.#environment.now() };
    if (now.state === "closed") this.#end();
    this.#each((topic) => topic.changed());
    this.#batch.add(this.#tell);
  }

  #state(): State {
    const phase = this.#phase;
    if (phase === "closed") return "closed";
    if (phase !== "open") return this.#conversation?.connection.opened ? "stale" : "connecting";
    return Array.from(this.#topics.values()).every((topic) => topic.synced) ? "live" : "syncing";
  }

  /** It is over, by the application or by the server. */
  #end(): void {
    const error = this.#closed();
    this.#conversation?.end(error);
    const why = this.#conversation?.connection.error ?? null;
    this.#each((topic) => topic.close(error, why !== null));
  }

  #closed(): PresenceError {
    return this.#conversation?.connection.over ?? new PresenceError({ code: "closed", message: "the client is closed" });
  }
}
