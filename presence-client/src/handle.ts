import type { AnyTopic, InputOf, PatchOf, ValueOf } from "./descriptor.js";
import type { Ack } from "./own.js";
import type { Topic, TopicEvents } from "./topic.js";
import type { LeaveReason, Member, View } from "./view.js";

/**
 * One user of a topic: what `client.topic` returns. Several handles of the same topic share its
 * members and its value; the own member leaves with the last handle that announced it.
 *
 * @example
 * const board = client.topic(cursor, { board: "42" });
 * board.heartbeat({ x: 1, y: 2, label: "Ann" });
 * const stop = board.onChange((view) => render(view.others));
 */
export class TopicHandle<Type extends AnyTopic> {
  /** The topic's name, such as `boards:42:cursors`. */
  readonly name: string;
  readonly #topic: Topic;

  /** @internal Use `client.topic`. */
  constructor(topic: Topic) {
    this.name = topic.name;
    this.#topic = topic;
  }

  /**
   * Announces the own member with this value. Sent at once, then at most once per throttle interval;
   * the last value is always sent, and sent again whenever the server has lost it. Nobody has to
   * await the answer; when a newer value replaces this one, the answer is to that. A value that the
   * server refuses rejects; the last one it took stands. One that it cannot take now, as when the topic
   * is full, rejects as `retryable` and is sent again later.
   *
   * Without a value it renews the lease, for which a connection needs no help.
   *
   * @throws {PresenceError} at once when the value cannot be sent; `not_present` when there is none
   */
  heartbeat(value?: InputOf<Type>): Promise<Ack> {
    return this.#topic.heartbeat(this, value);
  }

  /**
   * Sets some fields of the own value, as {@link heartbeat} does with all of them.
   *
   * @throws {PresenceError} `not_present` before the first value
   */
  update(patch: PatchOf<Type>): Promise<Ack> {
    return this.#topic.update(this, patch);
  }

  /** Who is present. Immutable, and the same object while nothing changes. */
  value(): View<ValueOf<Type>> {
    return this.#topic.view() as View<ValueOf<Type>>;
  }

  /**
   * Calls whenever {@link value} is another: soon after, once for what happens together. Returns what
   * stops it. As long as anything listens, the topic is subscribed to.
   */
  onChange(call: (view: View<ValueOf<Type>>) => void): () => void {
    return this.#on("change", call as (view: View) => void);
  }

  /** Calls when somebody else is seen for the first time, those of the first snapshot included. */
  onJoin(call: (member: Member<ValueOf<Type>>) => void): () => void {
    return this.#on("join", call as (member: Member) => void);
  }

  /** Calls when somebody else's value, activity or following changed. */
  onUpdate(
    call: (member: Member<ValueOf<Type>>, before: Member<ValueOf<Type>>) => void,
  ): () => void {
    return this.#on("update", call as (member: Member, before: Member) => void);
  }

  /** Calls when somebody else is gone, or oneself without having left. */
  onLeave(call: (member: Member<ValueOf<Type>>, reason: LeaveReason) => void): () => void {
    return this.#on("leave", call as (member: Member, reason: LeaveReason) => void);
  }

  /** Stops being present, as far as this handle is concerned. Resolves to whether somebody left. */
  leave(): Promise<boolean> {
    return this.#topic.leave(this);
  }

  #on<Event extends keyof TopicEvents>(
    event: Event,
    call: (...args: TopicEvents[Event]) => void,
  ): () => void {
    return this.#topic.on(event, call);
  }
}
