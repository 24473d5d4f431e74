/**
 * A line over HTTP, for networks that let no WebSocket through: an event stream that tells, and requests
 * that say. It speaks the messages of a WebSocket, so that nobody above it knows the difference.
 */

import type { Environment } from "./environment.js";
import { PresenceError } from "./error.js";
import type { Fault } from "./error.js";
import { sessionId } from "./digest.js";
import { Lane } from "./lane.js";
import type { LaneHost } from "./lane.js";
import type { Ear, Line } from "./line.js";
import { Requests } from "./requests.js";
import { ChangeStream } from "./stream.js";
import type { Changes, ClientMessage, Hello, Mismatch, ServerMessage, Snapshot } from "./wire.js";

/** How often a member is renewed before the server has said how often. */
const HEARTBEAT_MS = 10_000;
/** After this long a WebSocket is tried again, and then ever so often: perhaps the server was only starting anew. */
const FIRST_UPGRADE_MS = 10_000;
const UPGRADE_MS = 600_000;
/** When the network is another it may be tried earlier, but not more often than this. */
const RETRY_MS = 30_000;
/** How long what was refused for the sake of its token waits for another one. */
const TOKEN_WAIT_MS = 5_000;
/** What a server says that has this client and not the type it asks for. */
const HAVES: ReadonlySet<Fault["code"]> = new Set<Fault["code"]>(["not_found", "forbidden", "unknown_topic"]);
/** A WebSocket that stays open for so long gets through. */
const UPGRADED_MS = 1_000;

/** What a line over HTTP needs of its client. */
export interface HttpHost {
  readonly environment: Environment;
  readonly ear: Ear;
  /** Where the server is. */
  readonly url: string;
  readonly socket: string;
  /** The next place in the order of the session's messages. */
  next(): number;
  /** From which contract a topic's type was generated. */
  contract(topic: string): unknown;
  /** Whether another token can be had. */
  readonly renewable: boolean;
  /** A WebSocket gets through; nothing where none is wanted. */
  readonly upgrade: (() => void) | undefined;
}

/** A line over HTTP. */
export function httpLine(host: HttpHost): Line {
  return new HttpLine(host);
}

class HttpLine implements Line, LaneHost {
  readonly #host: HttpHost;
  readonly #lanes = new Map<string, Lane>();
  readonly #said = new Map<string, number>();
  /** Heartbeats whose sender waits for the answer, and sees to what it says. */
  readonly #awaited = new Set<number>();
  #session = "";
  /** The name of a type, to ask about. */
  #type = "";
  #user: string | null = null;
  #heartbeatMs = HEARTBEAT_MS;
  #stream!: ChangeStream;
  #timer: unknown;
  #upgrade: unknown;
  /** Runs while another token is awaited. */
  #expiring: unknown;
  #welcomed = false;
  #triedAt: number;
  #over = false;
  requests!: Requests;

  constructor(host: HttpHost) {
    this.#host = host;
    this.#triedAt = host.environment.now();
  }

  send(message: ClientMessage): void {
    switch (message.type) {
      case "hello":
        return void this.#greet(message);
      case "subscribe":
        return this.#stream.watch(message, message.id);
      case "unsubscribe":
        this.#stream.forget(message.topic);
        return this.done(message.topic, idsOf(message), {});
      case "heartbeat": {
        const { type: _, topic, id, ...beat } = message;
        this.#said.set(topic, this.#host.environment.now());
        if (id !== undefined) this.#awaited.add(id);
        return this.#lane(topic).say(beat, id);
      }
      case "follow": {
        const { topic, users, n, id } = message;
        return this.#lane(topic).say({ following: users, ...(n !== undefined && { n }) }, id);
      }
      case "leave":
        return void this.#lane(message.topic).leave(message);
      case "activity":
        return this.#tell(message);
      case "token":
        return void this.#show(message.token, idsOf(message));
      case "schemas":
        // Each heartbeat says its own.
        return;
    }
  }

  doubt(): void {
    if (this.#host.environment.now() - this.#triedAt > RETRY_MS) this.#tryUpgrade();
  }

  close(): void {
    const { clearTimeout } = this.#host.environment;
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#upgrade);
    clearTimeout(this.#expiring);
    this.#stream?.close();
  }

  contract(topic: string): unknown {
    return this.#host.contract(topic);
  }

  done(topic: string, ids: readonly number[], { mismatch, ...body }: Readonly<Record<string, unknown>>): void {
    this.#learn(body["member"]);
    if (typeof body["heartbeatMs"] === "number") this.#heartbeatMs = body["heartbeatMs"];
    if (mismatch) this.#hear({ ...(mismatch as Mismatch), type: "mismatch" });
    for (const id of ids) this.#hear({ ...body, type: "ok", id });
    this.#hear(undefined);
    if (!this.#isAwaited(ids) && body["change"] === "stale") this.#hear({ type: "gone", topic, reason: "expired" });
  }

  refused(topic: string, ids: readonly number[], fault: Fault): void {
    if (this.final(fault)) return;
    for (const id of ids) this.#hear({ type: "error", id, error: fault });
    if (this.#isAwaited(ids)) return;
    if (fault.code === "not_present") this.#hear({ type: "gone", topic, reason: "expired" });
    else if (fault.code === "kicked" || fault.code === "forbidden") this.#hear({ type: "gone", topic, reason: "kicked" });
  }

  /** Whether a sender sees to the answer; else what it finds is said as a WebSocket would say it. */
  #isAwaited(ids: readonly number[]): boolean {
    return ids.filter((id) => this.#awaited.delete(id)).length > 0;
  }

  lost(fault?: Fault): void {
    if (this.#over || (fault && this.final(fault))) return;
    if (fault?.retryAfterMs !== undefined) this.#hear({ type: "draining", retryAfterMs: fault.retryAfterMs });
    this.#host.ear.ended(1006, fault && new PresenceError(fault));
  }

  /** Whether this is of the whole line: it ends, as by a WebSocket's close code, or waits for another token. */
  final(fault: Fault): boolean {
    if (this.#over) return true;
    if (fault.code === "token_expired" && this.#welcomed && this.#host.renewable) return this.#expire(fault);
    const code = { token_expired: 4010, unauthenticated: 4501, forbidden_origin: 4503 }[fault.code as string];
    if (code !== undefined) this.#host.ear.ended(code, new PresenceError(fault));
    return code !== undefined;
  }

  #expire(fault: Fault): true {
    if (this.#expiring !== undefined) return true;
    const { environment, ear } = this.#host;
    this.#expiring = environment.setTimeout(() => ear.ended(4010, new PresenceError(fault)), TOKEN_WAIT_MS);
    this.#hear({ type: "expiring", expiresInMs: 0 });
    return true;
  }

  /** Who it is and whether somebody is there is found out by a question that changes nothing. */
  async #greet({ session, token, schemas }: Hello): Promise<void> {
    const { environment, url } = this.#host;
    this.requests = new Requests(environment, url, session, token);
    this.#session = session === undefined ? "" : sessionId(session);
    this.#stream = new ChangeStream({
      environment,
      requests: this.requests,
      alive: () => this.#hear(undefined),
      told: (parts) => this.#told(parts),
      said: (message) => this.#hear(message),
      taken: (topic, ids) => this.done(topic, ids, {}),
      refused: (topic, ids, fault) => {
        if (ids.length > 0) this.refused(topic, ids, fault);
        else this.#hear({ type: "ended", topic, error: fault });
      },
      final: (fault) => this.final(fault),
      lost: (fault) => this.lost(fault),
    });
    this.#type = Object.keys(schemas ?? {})[0] ?? "";
    await this.#reach();
    if (this.#over) return;
    this.#welcomed = true;
    this.#welcome();
    this.#timer = environment.setTimeout(() => this.#beat(), this.#heartbeatMs);
    if (this.#host.upgrade) this.#upgrade = environment.setTimeout(() => this.#tryUpgrade(), FIRST_UPGRADE_MS);
  }

  /** Finds out whether the server has this client; else the line is over, or waits for another token. */
  async #reach(): Promise<boolean> {
    const fault = await this.#refusal();
    if (fault) this.lost(fault === "lost" ? { code: "disconnected", message: "the server does not answer" } : fault);
    return fault === undefined;
  }

  /** Why the server would not answer this client: asked by what anybody may know, the schema of a type. */
  async #refusal(): Promise<Fault | "lost" | undefined> {
    const outcome = await this.requests.ask(`/schemas/${this.#type}`);
    if (outcome.type !== "refused") return outcome.type === "lost" ? "lost" : undefined;
    // It answers, whether it has this type or not.
    return HAVES.has(outcome.fault.code) ? undefined : outcome.fault;
  }

  #welcome(): void {
    const limits = { maxMessageBytes: 16_384, maxTopics: 128 };
    const [session, user, heartbeatMs] = [this.#session || null, this.#user, this.#heartbeatMs];
    this.#hear({ type: "welcome", session, user, heartbeatMs, limits });
  }

  /** Whose session it is, is known from the first thing the server says of its member. */
  #learn(member: unknown): void {
    if (this.#user !== null || typeof member !== "string" || !this.#isMine(member)) return;
    this.#user = member === this.#session ? member : member.slice(0, -this.#session.length - 1);
    this.#welcome();
  }

  #isMine(member: string): boolean {
    return member === this.#session || member.endsWith(`.${this.#session}`);
  }

  #told(parts: readonly (Snapshot | Changes)[]): void {
    for (const part of parts) {
      const entries = part.type === "snapshot" ? part.entries : (part.joined ?? []);
      for (const { member } of entries) this.#learn(member);
    }
    for (const part of parts) this.#hear(part);
    for (const part of parts) this.#miss(part);
  }

  /** A WebSocket is told when its member goes; here it is seen. */
  #miss(part: Snapshot | Changes): void {
    if (part.type === "snapshot" || !this.#lanes.get(part.topic)?.present) return;
    const mine = ({ member }: { readonly member: string }) => this.#isMine(member);
    const left = part.left?.find(mine);
    if (left === undefined || left.reason === "left" || part.joined?.some(mine)) return;
    this.#hear({ type: "gone", topic: part.topic, reason: left.reason });
  }

  #lane(topic: string): Lane {
    let lane = this.#lanes.get(topic);
    if (lane === undefined) this.#lanes.set(topic, (lane = new Lane(topic, this)));
    return lane;
  }

  /** How busy one is, for all topics; a question that is answered as well. */
  #tell({ activity, hidden, n, id }: Extract<ClientMessage, { type: "activity" }>): void {
    const lanes = [...this.#lanes.values()].filter((it) => it.present);
    const beat = { ...(activity && { activity }), ...(hidden !== undefined && { hidden }) };
    lanes.forEach((lane, i) => lane.say({ ...beat, n: i === 0 && n !== undefined ? n : this.#host.next() }, i === 0 ? id : undefined));
    if (id === undefined) return;
    // Somebody doubts that anybody is there: the stream may be dead as well.
    this.#stream.reopen();
    if (lanes.length === 0) void this.#reach().then((reached) => reached && this.done("", [id], {}));
  }

  /** Another token: shown at once, and with everything from now on if it is good. */
  async #show(token: string, ids: readonly number[]): Promise<void> {
    const { environment, next } = this.#host;
    const before = this.requests.token;
    this.requests.token = token;
    const [topic] = [...this.#lanes].find(([, lane]) => lane.present) ?? [];
    let fault = await this.#refusal();
    // Whose token it is shows only where somebody is present.
    if (fault === undefined && topic !== undefined) {
      const outcome = await this.requests.ask(`/${topic}/heartbeat`, { n: next() });
      if (outcome.type === "lost") fault = "lost";
      else if (outcome.type === "refused" && outcome.fault.code === "session_taken") fault = { ...outcome.fault, code: "forbidden" };
    }
    if (fault === "lost") return this.lost();
    if (fault !== undefined) {
      this.requests.token = before;
      for (const id of ids) this.#hear({ type: "error", id, error: fault });
      return;
    }
    environment.clearTimeout(this.#expiring);
    this.#expiring = undefined;
    this.done("", ids, {});
    for (const lane of this.#lanes.values()) lane.resume();
    this.#stream.reopen();
  }

  /** Renews what was not heard of for long. */
  #beat(): void {
    const { now, setTimeout } = this.#host.environment;
    for (const [topic, lane] of this.#lanes) {
      const quiet = now() - (this.#said.get(topic) ?? 0);
      if (lane.present && lane.idle && quiet >= this.#heartbeatMs / 2) lane.say({ n: this.#host.next() });
    }
    this.#stream.look();
    this.#timer = setTimeout(() => this.#beat(), this.#heartbeatMs);
  }

  /** Looks whether a WebSocket gets through by now; while it does not, nobody notices. */
  #tryUpgrade(): void {
    const { environment, socket: url, upgrade } = this.#host;
    const { setTimeout, clearTimeout } = environment;
    if (this.#over || !upgrade) return;
    clearTimeout(this.#upgrade);
    this.#upgrade = setTimeout(() => this.#tryUpgrade(), UPGRADE_MS);
    this.#triedAt = environment.now();
    try {
      const socket = environment.connect(url);
      let open = true;
      socket.onopen = () =>
        setTimeout(() => {
          if (open && !this.#over) upgrade();
          socket.close(1000);
        }, UPGRADED_MS);
      socket.onclose = () => (open = false);
      socket.onerror = () => {};
    } catch {
      // Still forbidden.
    }
  }

  #hear(message: ServerMessage | undefined): void {
    if (!this.#over) this.#host.ear.heard(message);
  }
}

function idsOf({ id }: ClientMessage): readonly number[] {
  return id === undefined ? [] : [id];
}
