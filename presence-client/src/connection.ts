/**
 * One WebSocket after another: greeting, answers, silence, loss and return.
 *
 *              open()                  socket open             welcome
 *   ┌──────┐          ┌────────────┐             ┌──────────┐           ┌──────┐
 *   │ idle │ ───────▶ │ connecting │ ──────────▶ │ greeting │ ────────▶ │ open │
 *   └──────┘          └────────────┘             └──────────┘           └──────┘
 *                        ▲      │ lost                │ lost               │ lost
 *             time over, │      ▼                     ▼                    ▼
 *             hurry()    │   ┌─────────────────────────────────────────────────┐
 *                        └── │ waiting                                         │
 *                            └─────────────────────────────────────────────────┘
 *   anywhere: close(), or a close code 45xx  ──▶  closed, for good
 *   anywhere: begin again, or the close code 4010 of an open connection  ──▶  connecting, at once
 *
 * Lost is: the socket closed, no welcome within 10 s, or no answer to a probe within 5 s. Browsers
 * answer the server's pings by themselves and tell nobody, so silence is probed by a message.
 */

import { backoff } from "./backoff.js";
import type { Environment, Socket } from "./environment.js";
import { PresenceError } from "./error.js";
import type { ErrorCode } from "./error.js";
import { readMessage } from "./wire.js";
import { noToken } from "./token.js";
import type { ClientMessage, Hello, Ok, ServerMessage, Welcome } from "./wire.js";

const WELCOME_WAIT_MS = 10_000;
const PROBE_WAIT_MS = 5_000;
/** A connection that lasted so long was a good one: the next loss starts counting anew. */
const STABLE_MS = 5_000;
/** The close code for a token that has expired. */
const TOKEN_EXPIRED = 4010;

/** Where a connection is; see the diagram. */
export type Phase = "idle" | "connecting" | "greeting" | "open" | "waiting" | "closed";

/** What a message is answered with. `disconnected` when the connection was lost before. */
export type Answer = Ok | PresenceError;

/** What a connection needs of its client, and tells it. */
export interface Upkeep {
  /** What to greet with. A failure is a lost connection, unless it is final. */
  hello(): Promise<Hello>;
  /** Whether the next greeting would show another token. */
  readonly renewable: boolean;
  /** A message that changes nothing and is answered, for when nothing was heard for long. */
  probe(): ClientMessage;
  /** The server greeted back. */
  welcome(message: Welcome): void;
  /** The server said something that is no answer. */
  hear(message: ServerMessage): void;
  /** An open connection was lost. */
  lost(): void;
  /** The phase, attempt, time of retry or error is another. */
  changed(): void;
}

/** A connection that comes back. */
export class Connection {
  readonly #environment: Environment;
  readonly #url: string;
  readonly #upkeep: Upkeep;
  readonly #questions = new Map<number, (answer: Answer) => void>();
  #phase: Phase = "idle";
  #socket: Socket | undefined;
  /** The one timer a phase has: for the welcome, for silence, for the answer, for the retry. */
  #timer: unknown;
  #lastId = 0;
  #attempt = 0;
  #retryAt: number | null = null;
  #error: PresenceError | null = null;
  #openedAt = 0;
  #heardAt = 0;
  #silenceMs = 20_000;
  #hintMs = 0;

  constructor(environment: Environment, url: string, upkeep: Upkeep) {
    this.#environment = environment;
    this.#url = url;
    this.#upkeep = upkeep;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get attempt(): number {
    return this.#phase === "open" ? 0 : this.#attempt;
  }

  get retryAt(): number | null {
    return this.#retryAt;
  }

  get error(): PresenceError | null {
    return this.#error;
  }

  /** Connects, unless that was done before. */
  open(): void {
    if (this.#phase === "idle") this.#connect();
  }

  /** Does not wait any longer: the network may be back, or the page is looked at again. */
  hurry(): void {
    const silent = this.#environment.now() - this.#heardAt;
    if (this.#phase === "waiting") this.#connect();
    else if (this.#phase === "open" && silent > PROBE_WAIT_MS) this.#probe();
  }

  /** Makes another connection at once, because who one is has changed. */
  again(): void {
    if (this.#phase === "idle" || this.#phase === "closed") return;
    this.#drop();
    this.#connect();
  }

  /** Sends a message, if there is a connection. */
  send(message: ClientMessage): void {
    if (this.#phase === "open") this.#socket?.send(JSON.stringify(message));
  }

  /** Sends a message and takes the answer. `done` is called exactly once, if there is a connection. */
  ask(message: ClientMessage, done: (answer: Answer) => void): void {
    if (this.#phase !== "open") return;
    this.#lastId += 1;
    this.#questions.set(this.#lastId, done);
    const { type, ...rest } = message;
    this.send({ type, id: this.#lastId, ...rest } as ClientMessage);
  }

  /** Ends it for good. */
  close(error: PresenceError | null = null): void {
    if (this.#phase === "closed") return;
    this.#drop();
    this.#enter("closed", { error });
  }

  #connect(): void {
    this.#enter("connecting", {});
    let socket: Socket;
    try {
      socket = this.#environment.connect(this.#url);
    } catch (cause) {
      // The platform forbids it, as a secure page does with a socket that is not.
      return this.#lose(failed("disconnected", "cannot connect", cause));
    }
    this.#socket = socket;
    const current = () => this.#socket === socket;
    socket.onopen = () => void (current() && this.#greet(current));
    socket.onmessage = (event: { readonly data: unknown }) => void (current() && this.#hear(readMessage(event.data)));
    socket.onclose = ({ code }: { readonly code: number }) => void (current() && this.#ended(code));
    // A close always follows, and tells more.
    socket.onerror = () => {};
    this.#timer = this.#environment.setTimeout(() => this.#lose(), WELCOME_WAIT_MS);
  }

  #greet(current: () => boolean): void {
    this.#phase = "greeting";
    this.#upkeep.hello().then(
      (hello) => void (current() && this.#socket?.send(JSON.stringify(hello))),
      (cause: unknown) => void (current() && this.#speechless(noToken(cause))),
    );
  }

  /** Nothing to greet with. */
  #speechless(error: PresenceError): void {
    if (error.retryable) this.#lose(error);
    else this.close(error);
  }

  #hear(message: ServerMessage | undefined): void {
    this.#heardAt = this.#environment.now();
    if (message === undefined) return;
    switch (message.type) {
      case "welcome":
        return this.#welcome(message);
      case "ok":
        return this.#answer(message.id, message);
      case "error": {
        const error = new PresenceError(message.error);
        if (this.#phase === "greeting") this.#error = error;
        else if (message.id !== undefined) this.#answer(message.id, error);
        else this.#environment.report(error);
        return;
      }
      case "draining":
        this.#hintMs = message.retryAfterMs;
        return;
      default:
        if (this.#phase === "open") this.#upkeep.hear(message);
    }
  }

  #welcome(message: Welcome): void {
    if (this.#phase !== "greeting") return;
    this.#environment.clearTimeout(this.#timer);
    this.#openedAt = this.#environment.now();
    this.#silenceMs = 2 * message.heartbeatMs;
    this.#enter("open", {});
    this.#upkeep.welcome(message);
    this.#listen();
  }

  #answer(id: number, answer: Answer): void {
    const done = this.#questions.get(id);
    this.#questions.delete(id);
    done?.(answer);
  }

  /** Waits for silence. One timer for many messages: it looks again when something was heard. */
  #listen(): void {
    const { now, setTimeout } = this.#environment;
    const silent = now() - this.#heardAt;
    if (silent >= this.#silenceMs) return this.#probe();
    this.#timer = setTimeout(() => this.#listen(), this.#silenceMs - silent);
  }

  #probe(): void {
    const { clearTimeout, setTimeout } = this.#environment;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.ask(this.#upkeep.probe(), () => {
      if (this.#socket !== socket || this.#phase !== "open") return;
      clearTimeout(this.#timer);
      this.#listen();
    });
    this.#timer = setTimeout(() => this.#lose(), PROBE_WAIT_MS);
  }

  #ended(code: number): void {
    if (code >= 4500 && code < 4600) return this.close(this.#error ?? closedBy(code));
    if (code !== TOKEN_EXPIRED) return this.#lose(this.#error);
    const error = this.#error ?? refusal("token_expired", "the token has expired");
    if (this.#upkeep.renewable) this.#lose(error, this.#phase === "open");
    else this.close(error);
  }

  /** `atOnce`, unless the connection before was no good either. */
  #lose(error: PresenceError | null = null, atOnce = false): void {
    const { now, random, setTimeout } = this.#environment;
    const wasOpen = this.#phase === "open";
    const stable = wasOpen && now() - this.#openedAt >= STABLE_MS;
    this.#attempt = stable ? 0 : this.#attempt;
    const wait = atOnce && this.#attempt === 0 ? 0 : backoff(this.#attempt, random(), this.#hintMs);
    this.#attempt += 1;
    this.#hintMs = 0;
    this.#drop();
    this.#enter("waiting", { error, retryAt: now() + wait });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  /** Lets go of the socket. Its questions are answered, so that whoever asked can ask again. */
  #drop(): void {
    this.#environment.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    const wasOpen = this.#phase === "open";
    this.#phase = "waiting";
    socket?.close(1000);
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    for (const done of questions) done(disconnected());
    if (wasOpen) this.#upkeep.lost();
  }

  #enter(phase: Phase, why: { error?: PresenceError | null; retryAt?: number }): void {
    this.#environment.clearTimeout(this.#timer);
    this.#phase = phase;
    this.#error = why.error ?? null;
    this.#retryAt = why.retryAt ?? null;
    this.#upkeep.changed();
  }
}

function disconnected(): PresenceError {
  return refusal("disconnected", "the connection was lost");
}

function failed(code: ErrorCode, what: string, cause: unknown): PresenceError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return refusal(code, `${what}: ${why}`);
}

function refusal(code: ErrorCode, message: string): PresenceError {
  return new PresenceError({ code, message });
}

function closedBy(code: number): PresenceError {
  switch (code) {
    case 4501:
      return refusal("unauthenticated", "the server does not know who this is");
    case 4503:
      return refusal("forbidden", "the server does not allow this client");
    case 4509:
      return refusal("taken_over", "another connection has taken the session over");
    default:
      return refusal("closed", `the server closed the connection for good, code ${code}`);
  }
}
