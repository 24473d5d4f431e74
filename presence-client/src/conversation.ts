/**
 * What a client and its server say to each other: who one is, in which session, and by which contracts.
 * It is loaded when a topic is used first; until then a client costs a page no more than its views.
 */

import type { Address } from "./address.js";
import { Attention } from "./attention.js";
import type { Thresholds } from "./attention.js";
import { remember, remembered } from "./carrier.js";
import { Claim } from "./claim.js";
import { Connection } from "./connection.js";
import type { Answer } from "./connection.js";
import { Compared, contractOf, mismatched } from "./contracts.js";
import type { AnyTopic } from "./descriptor.js";
import type { Environment, Surroundings } from "./environment.js";
import { PresenceError } from "./error.js";
import type { Host, Identity } from "./host.js";
import { Life } from "./life.js";
import type { Ear, Line } from "./line.js";
import type { Carrier, LinkEvent } from "./machine.js";
import { Tokens } from "./token.js";
import type { TokenSource } from "./token.js";
import type { Topic } from "./topic.js";
import { Watch } from "./watch.js";
import { PROTOCOL } from "./wire.js";
import type { ClientMessage, Hello, Mismatch, ServerMessage, Welcome } from "./wire.js";
import { farEnvironment } from "./world.js";

/** How long after a page's end its members leave, unless it comes back. */
const PAGE_END_MS = 2_000;

/** What a conversation is about, and who is told of it. */
export interface Party {
  readonly environment: Surroundings;
  readonly address: Address;
  readonly token: TokenSource | undefined;
  readonly transport: Carrier | "auto";
  readonly onMismatch: ((mismatch: Mismatch) => void) | undefined;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly activity: Partial<Thresholds> | undefined;
  /** What topics need of their client. */
  readonly host: Host;
  /** Tells listeners what waits, because no frame may come any more. */
  flush(): void;
  /** The phase, the carrier, the attempt or the error is another. */
  changed(): void;
  /** Tells the application of an error that nobody waits for. */
  report(error: unknown, topic?: string): void;
}

/** What a client and its server say to each other. */
export class Conversation {
  readonly connection: Connection;
  readonly attention: Attention;
  readonly #party: Party;
  readonly #environment: Environment;
  readonly #claim: Claim;
  readonly #tokens: Tokens;
  readonly #compared = new Compared();
  /** Where the tab remembers what carries its connections. */
  readonly #remembers: string;
  /** Members at other nodes of the server may have changed since. */
  outdated = false;
  #life: Life | undefined;
  #identity: Identity | undefined;

  constructor(party: Party) {
    const { address, token, transport } = party;
    const environment = { ...farEnvironment(), ...party.environment };
    this.#party = party;
    this.#environment = environment;
    this.#claim = new Claim(environment, `presence:${address.http}`);
    this.#remembers = `presence:transport:${address.http}`;
    const auto = transport === "auto";
    const carrier = auto ? remembered(environment, this.#remembers) : transport;
    const connection = new Connection(environment, { socket: address.socket, carrier, auto }, {
      hello: () => this.#hello(),
      get renewable() {
        return tokens.renewable;
      },
      probe: () => this.#active(),
      overHttp: (ear) => this.#overHttp(ear),
      welcome: (message) => this.#welcome(message),
      identify: (message) => this.#identify(message),
      hear: (message) => this.#hear(message),
      lost: () => {
        tokens.lost();
        this.outdated = false;
        this.#each((topic) => topic.lost());
      },
      changed: () => party.changed(),
    });
    const { now, random, setTimeout, clearTimeout } = environment;
    const tokens = new Tokens(token, {
      now,
      random,
      setTimeout,
      clearTimeout,
      get open() {
        return connection.phase === "open";
      },
      get over() {
        return connection.over;
      },
      ask: (message, done) => this.ask(message, done),
      accepted: () => this.#each((topic) => topic.renewed()),
      changeUser: () => this.#changeUser(),
      end: (error) => this.turn({ type: "close", error }),
      report: (error, topic) => party.report(error, topic),
    });
    this.connection = connection;
    this.#tokens = tokens;
    const busy = () => {
      if (!this.#life?.left) connection.send(this.#active());
      this.#each((topic) => topic.changed());
    };
    this.attention = new Attention(environment, environment.page, busy, party.activity);
    this.live();
    this.#each((topic) => this.attend(topic));
  }

  /** Watches the page, from the beginning or anew. */
  live(): void {
    const { attention } = this;
    attention.look();
    this.#life = new Life(this.#environment.page, {
      input: () => attention.input(),
      look: () => attention.look(),
      flush: () => {
        this.#each((topic) => topic.flush());
        this.#party.flush();
      },
      goodbye: () => this.#goodbye(),
      back: (left) => {
        if (left) void this.#claim.session?.hold();
        this.turn({ type: left ? "again" : "look" });
      },
      doubt: () => this.turn({ type: "doubt" }),
    });
  }

  /** A topic can be watched from now on, and its type is compared. */
  attend(topic: Topic): void {
    topic.attach(new Watch(topic.name, this.#party.host, (events) => topic.saw(events), topic.type.graceMs));
    this.#compare();
  }

  /** The own member's id and user, once the server has told them. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** The next place in the order of the session's messages. */
  next(): number {
    return this.#claim.session?.next() ?? 0;
  }

  /** Something happened to the connection. */
  turn(event: LinkEvent): void {
    this.connection.turn(event);
  }

  /** Sends a message and takes the answer. */
  ask(message: ClientMessage, done: (answer: Answer) => void): void {
    this.connection.ask(message, (answer) => done(this.#unlessTaken(answer)));
  }

  /** Shows another token. */
  renew(token: TokenSource | undefined): Promise<void> {
    return this.#tokens.renew(token);
  }

  /** Has the server compare the contracts of types that are used for the first time. */
  #compare(): void {
    if (this.connection.phase !== "open") return;
    const schemas = this.#compared.news(this.#types());
    if (schemas) this.connection.send({ type: "schemas", schemas });
  }

  /**
   * The members leave a little later, so that a reload, which is the same session, keeps them. The
   * connection goes, or the page could not be kept to be returned to.
   */
  #goodbye(): void {
    const { session } = this.#claim;
    if (session === undefined) return;
    const { address } = this.#party;
    const environment = this.#environment;
    const { last } = this.#tokens;
    const token = last === undefined ? {} : { authorization: `Bearer ${last}` };
    const headers = { "content-type": "application/json", ...token };
    this.#each(({ name, present }) => {
      if (!present) return;
      const body = JSON.stringify({ session: session.key, n: session.next(), afterMs: PAGE_END_MS });
      const request = { method: "POST", keepalive: true, headers, body } as const;
      // It outlives the page, and so nobody is there to hear of it.
      environment.fetch(`${address.http}/${name}/leave`, request).catch(() => {});
    });
    session.release();
    this.turn({ type: "pause" });
  }

  /** It is over; `error` says why. */
  end(error: PresenceError): void {
    this.#life?.stop();
    this.attention.stop();
    this.#tokens.close(error);
    this.#claim.release();
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
    return Array.from(this.#party.topics.values(), (topic) => topic.type);
  }

  #active(): ClientMessage {
    const { activity, hidden } = this.attention;
    return { type: "activity", activity, hidden, n: this.next() };
  }

  #welcome(message: Welcome): void {
    const { user } = message;
    if (this.#identity && user !== null && this.#identity.user !== user) this.#each((topic) => topic.changeUser());
    this.#identify(message);
    if (this.#party.transport === "auto") remember(this.#environment, this.#remembers, this.connection.carrier);
    this.#tokens.welcome();
    this.#compare();
    this.#each((topic) => topic.welcome());
  }

  #identify({ session, user }: Pick<Welcome, "session" | "user">): void {
    if (session === null || user === null) return;
    // As the server says it: whose user is just the session has no other name.
    const member = user === session ? session : `${user}.${session}`;
    if (this.#identity?.member === member) return;
    this.#identity = { member, user };
    this.#each((topic) => topic.changed());
  }

  /** What speaks HTTP is loaded only where it is needed. */
  async #overHttp(ear: Ear): Promise<Line> {
    const { httpLine } = await import("./http.js");
    const { address, topics, transport } = this.#party;
    const upgrade = () => this.turn({ type: "again", carrier: "websocket" });
    const tokens = this.#tokens;
    return httpLine({
      get renewable() {
        return tokens.renewable;
      },
      environment: this.#environment,
      ear,
      url: address.http,
      socket: address.socket,
      next: () => this.next(),
      contract: (name) => {
        const topic = topics.get(name);
        return topic && contractOf(topic.type);
      },
      upgrade: transport === "auto" ? upgrade : undefined,
    });
  }

  /** The token is another user's: this one leaves, and the other one comes on a connection of theirs. */
  #changeUser(): void {
    this.#each(({ present, name }) => {
      if (present) this.connection.send({ type: "leave", topic: name, n: this.next() });
    });
    this.turn({ type: "again" });
  }

  /**
   * A session that is taken, as by the user who was logged in here before, is given up for a new one;
   * what was said is said again there. Returns what the answer comes to.
   */
  #unlessTaken(answer: Answer): Answer {
    const taken = answer instanceof PresenceError && answer.code === "session_taken";
    if (!taken || !this.#claim.another()) return answer;
    this.turn({ type: "again" });
    return new PresenceError({ code: "disconnected", message: "the session was taken" });
  }

  #hear(message: ServerMessage): void {
    const { topics, onMismatch, report } = this.#party;
    switch (message.type) {
      case "snapshot":
      case "changes":
        return topics.get(message.topic)?.hear(message);
      case "mismatch": {
        const { schema, older, fields } = message;
        if (!onMismatch) return report(mismatched(message));
        try {
          return onMismatch({ schema, older, fields });
        } catch (error) {
          return report(error);
        }
      }
      case "gone":
        return topics.get(message.topic)?.gone(message.reason);
      case "expiring":
        return this.#tokens.expiring(message.expiresInMs);
      case "ended":
        return topics.get(message.topic)?.ended(message.error);
      case "status":
        this.outdated = message.remote === "stale";
        return this.#each((topic) => topic.changed());
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

  #each(call: (topic: Topic) => void): void {
    for (const topic of [...this.#party.topics.values()]) call(topic);
  }
}
