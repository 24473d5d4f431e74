/**
 * The own member of a topic: what the application wants others to see, and how far the server followed.
 *
 * The desired value outlives connections and servers: it is announced again on every welcome, and
 * whenever the server does not know of it. A value is *settled* when the server has answered the
 * last one sent; until then what the server says of the own member is an echo of something older.
 */

import { backoff } from "./backoff.js";
import { check } from "./check.js";
import type { Answer } from "./connection.js";
import { Decay } from "./decay.js";
import type { Fields } from "./decay.js";
import type { AnyTopic } from "./descriptor.js";
import { equal } from "./equal.js";
import { PresenceError } from "./error.js";
import type { ErrorCode } from "./error.js";
import { Following } from "./following.js";
import type { Link } from "./host.js";
import type { UserId } from "./id.js";
import { Refusal } from "./refusal.js";
import { Shown } from "./shown.js";
import { Throttle } from "./throttle.js";
import { Waiters, rejected } from "./waiters.js";
import type { Acknowledged, ClientMessage, Reason } from "./wire.js";

/** What a heartbeat did. `stale` when something newer of the session came before. */
export type Ack = Acknowledged;

/** The server's clock for decays starts with the message; a smaller difference is left to it. */
const DECAY_SLACK_MS = 250;
/** How often in a row a value that the server takes for an older one is said again. */
const STALE_TRIES = 3;
/** What the server says of a value; everything else it says of the member. */
const OF_VALUES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["invalid_value", "invalid_request", "too_large"]);

/** The own member of a topic. */
export class Own {
  /** Whom the member follows, as soon as it is present. */
  readonly following = new Following();
  readonly #name: string;
  readonly #type: AnyTopic;
  readonly #link: Link;
  readonly #changed: () => void;
  readonly #throttle: Throttle;
  readonly #decay: Decay;
  #desired: unknown;
  /** Counts the desired values. */
  #version = 0;
  /** The last value that the server took, to fall back to when it refuses one. */
  #held: unknown;
  readonly #shown: Shown;
  #unsent = false;
  #flying = 0;
  #sentAt = 0;
  /** Whether the value was sent on this connection. */
  #announced = false;
  /** Whether it was answered there. */
  #greeted = false;
  /** Whether the application said so, and has not announced since. */
  #left = false;
  /** A leave that the server may not have heard of. */
  #parting = false;
  readonly #refusal: Refusal;
  readonly #waiting = new Waiters<Ack>();
  #retry: unknown;
  #stale = 0;
  /** How often in a row the server could not take a value. */
  #refusals = 0;

  constructor(name: string, type: AnyTopic, link: Link, changed: () => void) {
    this.#name = name;
    this.#type = type;
    this.#link = link;
    this.#changed = changed;
    this.#throttle = new Throttle(link, type.throttleMs, () => this.#send());
    this.#shown = new Shown(type);
    this.#refusal = new Refusal(link, changed);
    this.#decay = new Decay(link, type.decays, (field, namedAt) => this.#reset(field, namedAt));
  }

  /** Whether the application wants the member to be present. */
  get present(): boolean {
    return this.#desired !== undefined;
  }

  /** Whether it said that the member is not. */
  get left(): boolean {
    return this.#left;
  }

  /** Whether the server removed the member and will not have it back for a while. */
  get kicked(): boolean {
    return this.refusal?.code === "kicked";
  }

  /** What the server said when it would not have the member, as long as that stands. */
  get refusal(): PresenceError | undefined {
    return this.#refusal.error;
  }

  /** Whether the server has answered the announcement on this connection. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** Whether the server has what the application wants. */
  get settled(): boolean {
    return !this.#unsent && this.#flying === 0;
  }

  /** The value as others see it or soon will. */
  get value(): unknown {
    return this.#shown.of(this.#desired);
  }

  /** Sets the value, or renews the lease when there is none. */
  heartbeat(value: unknown): Promise<Ack> {
    if (value === undefined) return this.#renew();
    return this.#want(check(value, this.#type), value);
  }

  /** Sets some fields of the value. */
  update(patch: unknown): Promise<Ack> {
    if (this.#desired === undefined) throw notPresent();
    const value = { ...(this.#desired as Fields), ...(patch as Fields) };
    return this.#want(check(value, this.#type), patch);
  }

  /** Follows these users and nobody else, now or as soon as the member is present. */
  follow(users: readonly UserId[]): void {
    this.following.set(users);
    this.#changed();
    if (!this.#announced || !this.#link.open) return;
    this.#link.ask({ type: "follow", topic: this.#name, users, n: this.#link.next() }, (answer) => {
      if (answer instanceof PresenceError && answer.code !== "disconnected") this.#link.report(answer, this.#name);
    });
  }

  /** Ends the presence. */
  leave(): Promise<boolean> {
    const was = this.present;
    this.#forget(new PresenceError({ code: "left", message: "left before the value was sent" }));
    this.#left = true;
    this.#parting = true;
    this.#refusal.lift();
    this.#changed();
    if (!this.#link.open) return Promise.resolve(was);
    return new Promise((resolve) => this.#part(resolve));
  }

  /** Sends what waits now, because the page may not run much longer. */
  flush(): void {
    this.#throttle.flush();
  }

  /** A new connection: it has to hear of everything. */
  welcome(): void {
    if (this.#parting && !this.present) this.#part(() => {});
    else if (this.present) this.#throttle.now();
  }

  /** What the client may do can be more by now. */
  renewed(): void {
    this.#refusal.ask();
    this.#changed();
  }

  /** It is another user's member from now on: what the server said of the old one is not its. */
  changeUser(): void {
    this.#shown.forget();
    this.#refusal.lift();
  }

  /** The connection is lost. */
  lost(): void {
    this.#announced = false;
    this.#greeted = false;
    this.#throttle.cancel();
  }

  /** Announces anew what the server may have given up. */
  again(): void {
    if (this.present && this.#link.open) this.#throttle.now();
  }

  /** The server says that the entry went. Returns whether that is for good. */
  gone(reason: Reason): boolean {
    if (!this.present) return false;
    this.#announced = false;
    if (reason !== "kicked") {
      this.again();
      return false;
    }
    this.#forget(this.#refusal.kicked());
    this.#changed();
    return true;
  }

  /** The server says what the own value is. It knows better only when everything is settled. */
  hear(value: unknown): void {
    if (!this.present) return;
    const stamped = this.#shown.stamp(value, this.#desired);
    const other = this.settled && !equal(value, this.value);
    if (other) this.#shown.tell(value);
    if (stamped || other) this.#changed();
  }

  /** The client is closed; `keep` where it may be opened again and go on as it was. */
  close(error: PresenceError, keep: boolean): void {
    if (keep) this.#waiting.reject(error);
    else this.#forget(error);
  }

  #want(value: unknown, named: unknown): Promise<Ack> {
    const refusal = this.#link.over ?? this.#refusal.answer;
    if (refusal) return rejected(refusal);
    this.#set(value);
    this.#left = false;
    this.#parting = false;
    this.#decay.name(named);
    const done = this.#waiting.wait();
    if (this.#link.open) this.#throttle.call();
    return done;
  }

  #set(value: unknown): void {
    this.#desired = value;
    this.#version += 1;
    this.#shown.want();
    this.#unsent = true;
    this.#changed();
  }

  #renew(): Promise<Ack> {
    if (this.#desired === undefined) throw notPresent();
    const done = this.#waiting.wait();
    if (this.#unsent || !this.#link.open) return done;
    const waiters = this.#waiting.take();
    const message = { type: "heartbeat", topic: this.#name, n: this.#link.next() } as const;
    this.#link.ask(message, (answer) => {
      if (answer instanceof PresenceError && answer.code === "not_present") {
        // The server does not know the value any more; the answer to that answers this too.
        this.#waiting.putBack(waiters);
        this.again();
      } else {
        this.#conclude(answer, waiters);
      }
    });
    return done;
  }

  #send(): void {
    if (this.#desired === undefined || !this.#link.open) return;
    const waiters = this.#waiting.take();
    const value = this.#desired;
    const version = this.#version;
    const message: ClientMessage = {
      type: "heartbeat",
      topic: this.#name,
      value,
      n: this.#link.next(),
      // An entry that outlived a connection may have these otherwise.
      ...(this.#announced ? {} : { activity: this.#link.activity, hidden: this.#link.hidden, ...this.following.announced() }),
    };
    this.#announced = true;
    this.#unsent = false;
    this.#flying += 1;
    this.#sentAt = this.#link.now();
    this.#link.ask(message, (answer) => {
      this.#flying -= 1;
      const awaited = waiters.size > 0;
      this.#conclude(answer, waiters);
      if (!(answer instanceof PresenceError)) {
        if (this.#desired !== undefined) this.#held = value;
        this.#refusals = 0;
        this.#refusal.lift();
        return this.#overtaken(answer, version);
      }
      if (answer.code === "disconnected") return;
      if (!answer.retryable && !OF_VALUES.has(answer.code)) return this.#refuse(answer, awaited);
      if (version !== this.#version) return;
      if (answer.retryable) this.#retryLater(answer);
      else this.#fallBack();
    });
  }

  /** Answers those who wait for a message; a lost one is sent again, so they go on waiting. */
  #conclude(answer: Answer, waiters: Waiters<Ack>): void {
    const lost = answer instanceof PresenceError && answer.code === "disconnected";
    if (!lost && !this.#greeted) {
      this.#greeted = true;
      this.#changed();
    }
    if (!(answer instanceof PresenceError)) {
      const { type: _, id: __, ...ack } = answer;
      if (ack.throttleMs !== undefined) this.#throttle.intervalMs = ack.throttleMs;
      waiters.resolve(ack as Ack);
    } else if (lost && this.present) {
      this.#unsent = true;
      this.#waiting.putBack(waiters);
    } else {
      waiters.reject(answer);
    }
  }

  /** Nothing newer was said here, and still the server knows of something: it is said once more. */
  #overtaken({ change }: Partial<Ack>, version: number): void {
    if (change !== "stale" || version !== this.#version) this.#stale = 0;
    else if ((this.#stale += 1) <= STALE_TRIES) this.again();
  }

  #retryLater(error: PresenceError): void {
    this.#unsent = true;
    this.#announced = false;
    this.#link.clearTimeout(this.#retry);
    const wait = backoff(this.#refusals, this.#link.random(), error.retryAfterMs);
    this.#refusals += 1;
    this.#retry = this.#link.setTimeout(() => this.again(), wait);
  }

  /** The server refuses the desired value for good: the last one it took stands. */
  #fallBack(): void {
    if (this.#held === undefined) this.#forget(notPresent());
    else this.#set(this.#held);
    this.#unsent = false;
    this.#changed();
  }

  #part(done: (left: boolean) => void): void {
    const message = { type: "leave", topic: this.#name, n: this.#link.next() } as const;
    this.#link.ask(message, (answer) => {
      // Lost: the next welcome says it again. Refused: there is nothing to leave.
      const refused = answer instanceof PresenceError;
      this.#parting &&= refused && answer.code === "disconnected";
      done(!refused && (answer.left ?? false));
    });
  }

  /** The server will not have the member, whatever its value. */
  #refuse(error: PresenceError, awaited: boolean): void {
    // As after a leave that came before the answer.
    if (this.#desired === undefined) return;
    this.#refusal.refused(error);
    this.#forget(error);
    if (!awaited) this.#link.report(error, this.#name);
    this.#changed();
  }

  #forget(error: PresenceError): void {
    this.#desired = undefined;
    this.#held = undefined;
    this.#shown.forget();
    this.#version += 1;
    this.#unsent = false;
    this.#announced = false;
    this.#throttle.cancel();
    this.#link.clearTimeout(this.#retry);
    this.#decay.cancel();
    this.#waiting.reject(error);
  }

  /** A field falls back here too, so that later patches and announcements do not revive it. */
  #reset(field: string, namedAt: number): void {
    const { [field]: value, ...rest } = (this.#desired ?? {}) as Fields;
    if (value === undefined || equal(value, this.#type.defaults[field])) return;
    const unsent = this.#unsent;
    const late = this.#sentAt - namedAt > DECAY_SLACK_MS;
    this.#set(rest);
    // The server lets the field fall by itself, except that every later value began its time anew.
    if ((unsent || late) && this.#link.open) this.#throttle.call();
    else this.#unsent = unsent;
  }
}

function notPresent(): PresenceError {
  return new PresenceError({
    code: "not_present",
    message: "not present: announce a value with `heartbeat` first",
  });
}
