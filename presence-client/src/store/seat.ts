/** The own member of a topic, as long as some part of a page wants it there. */

import type { PresenceClient } from "../client.js";
import type { AnyTopic, InputOf, PatchOf } from "../descriptor.js";
import type { TopicHandle } from "../handle.js";
import type { Ack } from "../own.js";

/** So long a part of a page may be gone and come back, as when it is moved, before anybody is told. */
export const MOMENT_MS = 300;

/** One for a client and a topic, however many parts of the page hold it. */
const seats = new WeakMap<PresenceClient, Map<string, Seat<AnyTopic>>>();

/** The own member, shared by who holds it; a moment after the last let go, it leaves. */
export class Seat<Type extends AnyTopic> {
  readonly #client: PresenceClient;
  readonly #handle: TopicHandle<Type>;
  #holders = 0;
  #announced = false;
  #parting: unknown;

  private constructor(client: PresenceClient, handle: TopicHandle<Type>) {
    this.#client = client;
    this.#handle = handle;
  }

  /** The seat of a client in a topic. */
  static of<Type extends AnyTopic>(client: PresenceClient, handle: TopicHandle<Type>): Seat<Type> {
    let mine = seats.get(client);
    if (mine === undefined) seats.set(client, (mine = new Map()));
    let seat = mine.get(handle.name);
    if (seat === undefined) mine.set(handle.name, (seat = new Seat<AnyTopic>(client, handle)));
    return seat as unknown as Seat<Type>;
  }

  /** Wants the member to be there until the returned function is called. */
  hold(): () => void {
    let held = true;
    this.#holders += 1;
    this.#stay();
    return () => {
      if (!held) return;
      held = false;
      this.#holders -= 1;
      this.#partSoon();
    };
  }

  /** Announces a first value, unless there is one. */
  begin(value: InputOf<Type>): void {
    if (!this.#announced) void this.heartbeat(value);
  }

  /** {@link TopicHandle.heartbeat} */
  heartbeat(value?: InputOf<Type>): Promise<Ack> {
    return this.#announce(this.#handle.heartbeat(value));
  }

  /** {@link TopicHandle.update} */
  update(patch: PatchOf<Type>): Promise<Ack> {
    return this.#announce(this.#handle.update(patch));
  }

  /** Leaves at once, whoever holds it. */
  leave(): Promise<boolean> {
    this.#announced = false;
    return this.#handle.leave();
  }

  #announce(done: Promise<Ack>): Promise<Ack> {
    this.#announced = true;
    // What is said late, by something that is gone already, does not keep the member there.
    this.#partSoon();
    return done;
  }

  #stay(): void {
    this.#client.timers.clearTimeout(this.#parting);
    this.#parting = undefined;
  }

  #partSoon(): void {
    if (this.#holders > 0) return;
    this.#stay();
    this.#parting = this.#client.timers.setTimeout(() => {
      seats.get(this.#client)?.delete(this.#handle.name);
      void this.leave();
    }, MOMENT_MS);
  }
}
