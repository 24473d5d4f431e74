import { addressOf } from "./address.js";
import type { Address } from "./address.js";
import { Attention } from "./attention.js";
import { Connection } from "./connection.js";
import type { Phase } from "./connection.js";
import type { AnyTopic, ParameterArguments } from "./descriptor.js";
import { realEnvironment } from "./environment.js";
import type { Environment, PageEvent, SessionStore } from "./environment.js";
import { PresenceError } from "./error.js";
import { TopicHandle } from "./handle.js";
import { Listeners } from "./listeners.js";
import { topicName } from "./name.js";
import { Session } from "./session.js";
import type { State, Status } from "./status.js";
import { Topic } from "./topic.js";
import type { Host } from "./topic.js";
import { PROTOCOL } from "./wire.js";
import type { ClientMessage, Contracts, Hello, Mismatch, ServerMessage, Welcome } from "./wire.js";

/** How long after a page's end its members leave, unless it comes back. */
const PAGE_END_MS = 2_000;

/** What a client is made with. */
export interface ClientOptions {
  /** Where the server is: absolute, or relative to the page, such as `/presence`. */
  readonly url: string;
  /** A token for the application's authentication, or what gets one for each connection. */
  readonly token?: string | (() => Promise<string>);
  /** Called when the server has another contract of a topic type. Defaults to reporting an error. */
  readonly onMismatch?: (mismatch: Mismatch) => void;
  /** Where the session key is kept. Defaults to `sessionStorage`, else to memory. */
  readonly session?: SessionStore;
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
  readonly #token: ClientOptions["token"];
  readonly #onMismatch: (mismatch: Mismatch) => void;
  readonly #connection: Connection;
  readonly #attention: Attention;
  readonly #topics = new Map<string, Topic>();
  /** Types whose contracts the server has heard of on this connection, by name. */
  readonly #compared = new Set<string>();
  readonly #host: Host;
  readonly #onStatus: Listeners<readonly [Status]>;
  readonly #forgetPage: (() => void) | undefined;
  #claim: Promise<Session> | undefined;
  #session: Session | undefined;
  #identity: Host["identity"];
  #status: Status;
  #telling = false;
  /** Whether the page said goodbye, so that its members leave unless they are heard of again. */
  #ended = false;

  constructor({ url, token, onMismatch, session, environment: different }: ClientOptions) {
    const real = { ...realEnvironment(), ...different };
    const environment = session ? { ...real, storage: session } : real;
    this.#environment = environment;
    this.#address = addressOf(url, environment.base);
    this.#token = token;
    this.#onMismatch = onMismatch ?? ((mismatch) => environment.report(mismatched(mismatch)));
    this.#status = {
      state: "connecting",
      since: environment.now(),
      attempt: 0,
      retryAt: null,
      error: null,
    };
    this.#onStatus = new Listeners((error) => environment.report(error));
    this.#connection = new Connection(environment, this.#address.socket, {
      hello: () => this.#hello(),
      probe: () => this.#active(),
      welcome: (message) => this.#welcome(message),
      hear: (message) => this.#hear(message),
      lost: () => this.#each((topic) => topic.lost()),
      changed: () => this.#refresh(),
    });
    this.#attention = new Attention(environment, environment.page, () => {
      const open = this.#connection.phase === "open";
      if (open && !this.#ended) this.#connection.send(this.#active());
      this.#each((topic) => topic.changed());
    });
    this.#host = this.#hosting();
    this.#forgetPage = environment.page?.watch((event) => this.#turn(event));
  }

  /** How the client is connected. Immutable, and the same object while nothing changes. */
  get status(): Status {
    return this.#status;
  }

  /** Calls whenever {@link status} is another; returns what stops it. */
  onStatus(call: (status: Status) => void): () => void {
    return this.#onStatus.add(call);
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
      this.#compare();
    }
    return new TopicHandle<Type>(topic);
  }

  /** Leaves all topics, whoever announced there. Watching goes on. */
  async leaveAll(): Promise<void> {
    await Promise.all(Array.from(this.#topics.values(), (topic) => topic.leaveAll()));
  }

  /** Leaves all topics and ends the client for good. */
  close(): void {
    void this.leaveAll();
    this.#connection.close();
  }

  async #hello(): Promise<Hello> {
    this.#claim ??= Session.claim(this.#environment, `presence:${this.#address.http}`);
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    this.#session = await this.#claim;
    this.#compared.clear();
    return {
      type: "hello",
      protocol: PROTOCOL,
      session: this.#session.key,
      ...(token === undefined ? {} : { token }),
      schemas: this.#contracts(),
    };
  }

  /** The contracts that the server has not heard of on this connection. */
  #contracts(): Contracts {
    const types = Array.from(this.#topics.values(), (topic) => topic.type);
    const news = types.filter((type) => !this.#compared.has(type.name));
    for (const { name } of news) this.#compared.add(name);
    return Object.fromEntries(news.map(({ name, fingerprint, fields }) => [name, { fingerprint, fields }]));
  }

  /** Has the server compare the contracts of types that are used for the first time. */
  #compare(): void {
    if (this.#connection.phase !== "open") return;
    const schemas = this.#contracts();
    if (Object.keys(schemas).length > 0) this.#connection.send({ type: "schemas", schemas });
  }

  #welcome({ session, user }: Welcome): void {
    if (session !== null && user !== null) {
      // As the server says it: whose user is just the session has no other name.
      this.#identity = { member: user === session ? session : `${user}.${session}`, user };
    }
    this.#ended = false;
    this.#compare();
    this.#each((topic) => topic.welcome());
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

  /** What happens to the page. */
  #turn(event: PageEvent): void {
    switch (event) {
      case "input":
        return this.#attention.input();
      case "hide":
        // At a page's end this comes last, and would be taken for a sign of life.
        if (this.#ended) return;
        this.#each((topic) => topic.flush());
        return this.#attention.look();
      case "show":
        this.#attention.input();
        return this.#comeBack();
      case "end":
        return this.#sayGoodbye();
      case "return":
      case "online":
        return this.#comeBack();
      default:
        event satisfies never;
    }
  }

  /** The members leave a little later, so that a reload, which is the same session, keeps them. */
  #sayGoodbye(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#ended = true;
    this.#each((topic) => {
      if (!topic.present) return;
      topic.flush();
      const body = { session: session.key, n: session.next(), afterMs: PAGE_END_MS };
      this.#environment.postAtEnd(`${this.#address.http}/${topic.name}/leave`, JSON.stringify(body));
    });
    session.release();
  }

  /** The page is looked at again, or the network is back. */
  #comeBack(): void {
    if (this.#ended) {
      void this.#session?.hold();
      this.#each((topic) => topic.again());
    }
    this.#ended = false;
    this.#connection.hurry();
  }

  /** How busy one is, for all topics. */
  #active(): ClientMessage {
    const { activity, hidden } = this.#attention;
    return { type: "activity", activity, hidden, n: this.#host.next() };
  }

  #hosting(): Host {
    const client = this;
    const { now, random, setTimeout, clearTimeout, report } = this.#environment;
    return {
      now,
      random,
      setTimeout,
      clearTimeout,
      report,
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
      next: () => client.#session?.next() ?? 0,
      ask: (message, done) => client.#connection.ask(message, done),
      begin: () => client.#connection.open(),
      changed: () => client.#refresh(),
    };
  }

  #each(call: (topic: Topic) => void): void {
    for (const topic of [...this.#topics.values()]) call(topic);
  }

  /** Looks whether the status is another, and tells soon. */
  #refresh(): void {
    const { attempt, retryAt, error, phase } = this.#connection;
    const state = this.#state(phase);
    const before = this.#status;
    const same = before.state === state && before.attempt === attempt;
    if (same && before.retryAt === retryAt && before.error === error) return;
    const since = before.state === state ? before.since : this.#environment.now();
    this.#status = { state, since, attempt, retryAt, error };
    if (state === "closed") this.#end();
    this.#each((topic) => topic.changed());
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.#onStatus.emit(this.#status);
    });
  }

  #state(phase: Phase): State {
    if (phase === "closed") return "closed";
    if (phase !== "open") return this.#identity === undefined ? "connecting" : "stale";
    return Array.from(this.#topics.values()).every((topic) => topic.synced) ? "live" : "syncing";
  }

  /** It is over, by the application or by the server. */
  #end(): void {
    this.#forgetPage?.();
    this.#attention.stop();
    this.#each((topic) => topic.close(this.#closed()));
    void this.#claim?.then((session) => session.release());
  }

  #closed(): PresenceError {
    const { error } = this.#connection;
    return error ?? new PresenceError({ code: "closed", message: "the client is closed" });
  }
}

function mismatched({ schema, older, fields }: Mismatch): PresenceError {
  const what = fields.map((it) => `\`${it.field || "the tag"}\` was ${it.change}`).join(", ");
  const message = `\`${schema}\`: the ${older} is older${what && `: ${what}`}`;
  return new PresenceError({ code: "schema_mismatch", message });
}
