import { addressOf } from "./address.js";
import type { Address } from "./address.js";
import { Attention } from "./attention.js";
import { Connection } from "./connection.js";
import type { Answer, Phase } from "./connection.js";
import { Claim } from "./claim.js";
import { Compared, mismatched } from "./contracts.js";
import type { AnyTopic, ParameterArguments } from "./descriptor.js";
import { realEnvironment } from "./environment.js";
import type { Environment, PageEvent, SessionStore } from "./environment.js";
import { PresenceError } from "./error.js";
import { TopicHandle } from "./handle.js";
import { Listeners } from "./listeners.js";
import { topicName } from "./name.js";
import type { State, Status } from "./status.js";
import { Tokens } from "./token.js";
import type { TokenLink, TokenSource } from "./token.js";
import { Topic } from "./topic.js";
import type { Host } from "./topic.js";
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
  readonly #tokens: Tokens;
  readonly #onError: ClientOptions["onError"];
  readonly #claim: Claim;
  readonly #onMismatch: (mismatch: Mismatch) => void;
  readonly #connection: Connection;
  readonly #attention: Attention;
  readonly #topics = new Map<string, Topic>();
  readonly #compared = new Compared();
  readonly #host: Host & TokenLink;
  readonly #onStatus: Listeners<readonly [Status]>;
  readonly #forgetPage: (() => void) | undefined;
  #identity: Host["identity"];
  #status: Status;
  #telling = false;
  /** Whether the page said goodbye, so that its members leave unless they are heard of again. */
  #ended = false;

  constructor({ url, token, onError, onMismatch, session, environment: different }: ClientOptions) {
    const real = { ...realEnvironment(), ...different };
    const environment = session ? { ...real, storage: session } : real;
    this.#environment = environment;
    this.#address = addressOf(url, environment.base);
    this.#claim = new Claim(environment, `presence:${this.#address.http}`);
    this.#onError = onError;
    this.#onMismatch = onMismatch ?? ((mismatch) => environment.report(mismatched(mismatch)));
    this.#status = {
      state: "connecting",
      since: environment.now(),
      attempt: 0,
      retryAt: null,
      error: null,
    };
    this.#onStatus = new Listeners((error) => environment.report(error));
    this.#host = this.#hosting();
    this.#tokens = new Tokens(token, this.#host);
    const tokens = this.#tokens;
    this.#connection = new Connection(environment, this.#address.socket, {
      hello: () => this.#hello(),
      get renewable() {
        return tokens.renewable;
      },
      probe: () => this.#active(),
      welcome: (message) => this.#welcome(message),
      hear: (message) => this.#hear(message),
      lost: () => this.#lost(),
      changed: () => this.#refresh(),
    });
    this.#attention = new Attention(environment, environment.page, () => {
      const open = this.#connection.phase === "open";
      if (open && !this.#ended) this.#connection.send(this.#active());
      this.#each((topic) => topic.changed());
    });
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
    this.#connection.close();
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
    if (this.#identity && this.#identity.user !== user) this.#each((topic) => topic.changeUser());
    if (session !== null && user !== null) {
      // As the server says it: whose user is just the session has no other name.
      this.#identity = { member: user === session ? session : `${user}.${session}`, user };
    }
    this.#ended = false;
    this.#tokens.welcome();
    this.#compare();
    this.#each((topic) => topic.welcome());
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
    this.#connection.again();
  }

  /**
   * A session that is taken, as by the user who was logged in here before, is given up for a new one;
   * what was said is said again there. Returns what the answer comes to.
   */
  #unlessTaken(answer: Answer): Answer {
    const taken = answer instanceof PresenceError && answer.code === "session_taken";
    if (!taken || !this.#claim.another()) return answer;
    this.#connection.again();
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
      case "resume":
      case "online":
        return this.#comeBack();
      case "freeze":
        return this.#each((topic) => topic.flush());
      case "offline":
        return this.#connection.hurry();
      default:
        event satisfies never;
    }
  }

  /** The members leave a little later, so that a reload, which is the same session, keeps them. */
  #sayGoodbye(): void {
    const { session } = this.#claim;
    if (session === undefined) return;
    this.#ended = true;
    this.#each((topic) => {
      if (!topic.present) return;
      topic.flush();
      const body = { session: session.key, n: session.next(), afterMs: PAGE_END_MS };
      const headers: Record<string, string> = { "content-type": "application/json" };
      if (this.#tokens.last !== undefined) headers["authorization"] = `Bearer ${this.#tokens.last}`;
      const request = { method: "POST", keepalive: true, headers, body: JSON.stringify(body) } as const;
      // It outlives the page, and so nobody is there to hear of it.
      this.#environment.fetch(`${this.#address.http}/${topic.name}/leave`, request).catch(() => {});
    });
    session.release();
  }

  /** The page is looked at again, or the network is back. */
  #comeBack(): void {
    if (this.#ended) {
      void this.#claim.session?.hold();
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
      ask: (message, done) => client.#connection.ask(message, (answer) => done(client.#unlessTaken(answer))),
      begin: () => client.#connection.open(),
      changed: () => client.#refresh(),
      accepted: () => client.#each((topic) => topic.renewed()),
      changeUser: () => client.#changeUser(),
      end: (error) => client.#connection.close(error),
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
    this.#tokens.close(this.#closed());
    this.#each((topic) => topic.close(this.#closed()));
    this.#claim.release();
  }

  #closed(): PresenceError {
    const { error } = this.#connection;
    return error ?? new PresenceError({ code: "closed", message: "the client is closed" });
  }
}
