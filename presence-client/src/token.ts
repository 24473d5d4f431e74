/**
 * The token of a client: had anew for every greeting, and replaced on a live connection before it
 * expires. Whoever gives a plain text has no other one to show.
 */

import { backoff } from "./backoff.js";
import type { Answer } from "./connection.js";
import type { Timers } from "./environment.js";
import { PresenceError } from "./error.js";
import type { ClientMessage } from "./wire.js";
import { Waiters } from "./waiters.js";

/** A token, or what gets one. */
export type TokenSource = string | (() => string | Promise<string>);

/** What tokens need of their client. */
export interface TokenLink extends Timers {
  /** Whether messages can be sent. */
  readonly open: boolean;
  /** Why nothing can be said any more, when that is so. */
  readonly over: PresenceError | undefined;
  /** From 0 to 1. */
  random(): number;
  /** Sends a message; the answer is a `disconnected` error when the connection is lost. */
  ask(message: ClientMessage, done: (answer: Answer) => void): void;
  /** The server has taken another token: what it refused before it may allow now. */
  accepted(): void;
  /** The token is another user's, who needs a connection of their own. */
  changeUser(): void;
  /** There is no token to be had, for good. */
  end(error: PresenceError): void;
  /** Tells the application of an error that nobody waits for. */
  report(error: unknown, topic?: string): void;
}

/** The tokens of a client, one after the other. */
export class Tokens {
  readonly #link: TokenLink;
  readonly #waiting = new Waiters<void>();
  #source: TokenSource | undefined;
  #last: string | undefined;
  /** Counts attempts and connections: what comes of an earlier one says nothing any more. */
  #turn = 0;
  /** Whether the server said that the token of this connection expires. */
  #due = false;
  #failures = 0;
  #timer: unknown;

  constructor(source: TokenSource | undefined, link: TokenLink) {
    this.#source = source;
    this.#link = link;
  }

  /** The one that was had last. */
  get last(): string | undefined {
    return this.#last;
  }

  /** Whether another one can be had. */
  get renewable(): boolean {
    return typeof this.#source === "function";
  }

  /** One to greet with; nothing where there is none. */
  async get(): Promise<string | undefined> {
    this.#last = typeof this.#source === "function" ? await this.#source() : this.#source;
    return this.#last;
  }

  /** The server has taken the one that it was greeted with. */
  welcome(): void {
    this.#settle();
    this.#waiting.resolve();
  }

  /** The connection is lost: the next one is greeted with another token. */
  lost(): void {
    this.#settle();
  }

  /** The server says that the token expires soon. */
  expiring(inMs: number): void {
    if (this.#due) return;
    if (!this.renewable) return this.#link.report(cannotRenew(inMs));
    this.#due = true;
    void this.#renew();
  }

  /** Shows another token now, or with the next greeting. Resolves once the server has taken it. */
  renew(source: TokenSource | undefined): Promise<void> {
    this.#source = source ?? this.#source;
    const done = this.#waiting.wait();
    if (this.#link.over) this.#waiting.reject(this.#link.over);
    else if (this.#link.open) void this.#renew();
    return done;
  }

  close(error: PresenceError): void {
    this.#settle();
    this.#waiting.reject(error);
  }

  async #renew(): Promise<void> {
    this.#link.clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    const token = await this.get().catch(noToken);
    if (turn !== this.#turn) return;
    if (token instanceof PresenceError) return token.retryable ? this.#failed(token) : this.#link.end(token);
    this.#link.ask({ type: "token", token: token ?? "" }, (answer) => {
      if (turn !== this.#turn) return;
      if (!(answer instanceof PresenceError)) {
        this.welcome();
        return this.#link.accepted();
      }
      // A connection belongs to one user. Whoever waits is answered by the next one's greeting.
      if (answer.code === "forbidden") return this.#link.changeUser();
      if (answer.code !== "disconnected") this.#failed(answer);
    });
  }

  #failed(error: PresenceError): void {
    this.#waiting.reject(error);
    if (!this.#due) return;
    if (this.#failures === 0) this.#link.report(error);
    const wait = backoff(this.#failures, this.#link.random(), error.retryAfterMs);
    this.#failures += 1;
    this.#timer = this.#link.setTimeout(() => void this.#renew(), wait);
  }

  #settle(): void {
    this.#link.clearTimeout(this.#timer);
    this.#turn += 1;
    this.#due = false;
    this.#failures = 0;
  }
}

/** Why no token was had; the application's own word where it gives one. */
export function noToken(cause: unknown): PresenceError {
  if (cause instanceof PresenceError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PresenceError({ code: "unavailable", message: `no token could be had: ${why}` });
}

function cannotRenew(inMs: number): PresenceError {
  const message = `the token expires in ${Math.round(inMs / 1_000)} s, and \`token\` is no function that gets another one`;
  return new PresenceError({ code: "token_expired", message });
}
