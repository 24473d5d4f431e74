/**
 * The connection of a client: does what the machine says, and gives questions their answers.
 *
 * Browsers answer the server's pings by themselves and tell nobody, so silence is asked by a message.
 */

import type { Environment } from "./environment.js";
import { PresenceError } from "./error.js";
import { socketLine } from "./line.js";
import type { Ear, Line } from "./line.js";
import { idle, step } from "./machine.js";
import type { Carrier, Effect, Link, LinkEvent, Phase } from "./machine.js";
import { noToken } from "./token.js";
import type { ClientMessage, Hello, Ok, ServerMessage, Welcome } from "./wire.js";

/** Timers that are so late, or a wall clock that went so much further, say that the machine slept. */
const GAP_MS = 4_000;

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
  /** A line over HTTP, which takes a while to be had. */
  overHttp(ear: Ear): Promise<Line>;
  /** The server greeted back. */
  welcome(message: Welcome): void;
  /** Only now it is known who one is. */
  identify(message: Welcome): void;
  /** The server said something that is no answer. */
  hear(message: ServerMessage): void;
  /** An open connection was lost. */
  lost(): void;
  /** The phase, attempt, time of retry or error is another. */
  changed(): void;
}

/** Where a connection goes to. */
export interface Target {
  /** The address of the WebSocket. */
  readonly socket: string;
  /** What is tried first. */
  readonly carrier: Carrier;
  /** Whether something else is tried when that does not work. */
  readonly auto: boolean;
}

/** A connection that comes back. */
export class Connection {
  readonly #environment: Environment;
  readonly #target: Target;
  readonly #upkeep: Upkeep;
  readonly #questions = new Map<number, (answer: Answer) => void>();
  #link: Link;
  #line: Line | undefined;
  /** Counts lines: what comes of an earlier one says nothing any more. */
  #turn = 0;
  #timer: unknown;
  /** When the timer is expected to ring, and how far the wall clock was from the other when it was set. */
  #expectedAt = 0;
  #offset = 0;
  #heard = 0;
  #heardAt = 0;
  #lastId = 0;

  constructor(environment: Environment, target: Target, upkeep: Upkeep) {
    this.#environment = environment;
    this.#target = target;
    this.#upkeep = upkeep;
    this.#link = idle(target.carrier);
  }

  get phase(): Phase {
    return this.#link.phase;
  }

  get carrier(): Carrier {
    return this.#link.carrier;
  }

  get attempt(): number {
    return this.phase === "open" ? 0 : this.#link.attempt;
  }

  get retryAt(): number | null {
    return this.phase === "waiting" ? (this.#link.due ?? null) : null;
  }

  get error(): PresenceError | null {
    return this.#link.error;
  }

  /** Whether there ever was a connection. */
  get opened(): boolean {
    return this.#link.openedAt !== undefined;
  }

  /** Why nothing can be said any more, when that is so. */
  get over(): PresenceError | undefined {
    if (this.phase !== "closed") return undefined;
    return this.error ?? new PresenceError({ code: "closed", message: "the client is closed" });
  }

  /** Something happened. */
  turn(event: LinkEvent): void {
    const { now, random } = this.#environment;
    const before = this.#link;
    const [link, ...effects] = step(before, event, {
      now: now(),
      random: random(),
      heard: this.#heard,
      heardAt: this.#heardAt,
      renewable: this.#upkeep.renewable,
      auto: this.#target.auto,
    });
    if (event.type === "doubt") this.#line?.doubt?.();
    if (link === before) return;
    this.#link = link;
    this.#wait();
    for (const effect of effects) this.#do(effect, before);
    if (before.phase !== link.phase) this.#upkeep.changed();
  }

  /** Sends a message, if there is a connection. */
  send(message: ClientMessage): void {
    if (this.phase === "open") this.#line?.send(message);
  }

  /** Sends a message and takes the answer. `done` is called exactly once, if there is a connection. */
  ask(message: ClientMessage, done: (answer: Answer) => void): void {
    if (this.phase !== "open") return;
    this.#lastId += 1;
    this.#questions.set(this.#lastId, done);
    const { type, ...rest } = message;
    this.send({ type, id: this.#lastId, ...rest } as ClientMessage);
  }

  #do(effect: Effect, before: Link): void {
    switch (effect) {
      case "hangUp":
        return this.#hangUp(before.phase === "open");
      case "dial":
        return this.#dial();
      case "greet":
        return this.#greet();
      case "ask":
        return this.ask(this.#upkeep.probe(), () => {});
    }
  }

  /** One timer, for what the machine waits for. */
  #wait(): void {
    const { now, wallNow, setTimeout, clearTimeout } = this.#environment;
    const { due } = this.#link;
    clearTimeout(this.#timer);
    if (due === undefined) return;
    this.#expectedAt = due;
    this.#offset = wallNow() - now();
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, due - now()));
  }

  #ring(): void {
    const { now, wallNow } = this.#environment;
    const at = now();
    const slept = at - this.#expectedAt > GAP_MS || wallNow() - at - this.#offset > GAP_MS;
    // What was waited for meanwhile is as likely to have come as not: it is asked anew.
    if (slept && this.phase === "open") this.turn({ type: "doubt" });
    else this.turn({ type: "due" });
  }

  #dial(): void {
    const turn = (this.#turn += 1);
    const current = () => turn === this.#turn;
    const ear: Ear = {
      opened: () => current() && this.turn({ type: "opened" }),
      heard: (message) => current() && this.#hear(message),
      ended: (code, error) => current() && this.turn({ type: "ended", code, ...(error && { error }) }),
    };
    // The platform may forbid it, as a secure page does with a socket that is not.
    const failed = (cause: unknown) =>
      ear.ended(1006, new PresenceError({ code: "disconnected", message: `cannot connect: ${reason(cause)}` }));
    if (this.carrier === "sse") {
      const take = (line: Line) => {
        if (!current()) return line.close();
        this.#line = line;
        ear.opened();
      };
      this.#upkeep.overHttp(ear).then(take, failed);
      return;
    }
    try {
      this.#line = socketLine(this.#environment, this.#target.socket, ear);
    } catch (cause) {
      failed(cause);
    }
  }

  #greet(): void {
    const turn = this.#turn;
    const current = () => turn === this.#turn;
    this.#upkeep.hello().then(
      (hello) => void (current() && this.#line?.send(hello)),
      (cause: unknown) => void (current() && this.#speechless(noToken(cause))),
    );
  }

  /** Nothing to greet with. */
  #speechless(error: PresenceError): void {
    this.turn(error.retryable ? { type: "ended", code: 1000, error } : { type: "close", error });
  }

  #hear(message: ServerMessage | undefined): void {
    this.#heard += 1;
    this.#heardAt = this.#environment.now();
    if (message === undefined) return;
    switch (message.type) {
      case "welcome":
        if (this.phase !== "greeting") return this.#upkeep.identify(message);
        this.turn({ type: "welcomed", silenceMs: 2 * message.heartbeatMs });
        return this.#upkeep.welcome(message);
      case "ok":
        return this.#answer(message.id, message);
      case "error": {
        const error = new PresenceError(message.error);
        if (this.phase === "greeting") this.turn({ type: "refused", error });
        else if (message.id !== undefined) this.#answer(message.id, error);
        else this.#environment.report(error);
        return;
      }
      case "draining":
        return this.turn({ type: "hint", ms: message.retryAfterMs });
      default:
        if (this.phase === "open") this.#upkeep.hear(message);
    }
  }

  #answer(id: number, answer: Answer): void {
    const done = this.#questions.get(id);
    this.#questions.delete(id);
    done?.(answer);
  }

  /** Lets go of the line. Its questions are answered, so that whoever asked can ask again. */
  #hangUp(wasOpen: boolean): void {
    const line = this.#line;
    this.#turn += 1;
    this.#line = undefined;
    line?.close();
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    const error = new PresenceError({ code: "disconnected", message: "the connection was lost" });
    for (const done of questions) done(error);
    if (wasOpen) this.#upkeep.lost();
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
