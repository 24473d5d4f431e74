import type { AnyTopic, InputOf, PatchOf, ValueOf } from "./descriptor.js";
import type { MemberId, UserId } from "./id.js";
import type { Lens, TopicEvents } from "./lens.js";
import type { Ack } from "./own.js";
import type { Topic } from "./topic.js";
import type { Counts, LeaveReason, Member, User, View } from "./view.js";
import type { Filter } from "./wire.js";

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
  readonly #lens: Lens;

  /** @internal Use `client.topic`. */
  constructor(topic: Topic, filter?: Filter) {
    this.name = topic.name;
    this.#topic = topic;
    this.#lens = topic.lens(filter);
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

  /** Stops being present, as far as this handle is concerned. Resolves to whether somebody left. */
  leave(): Promise<boolean> {
    return this.#topic.leave(this);
  }

  /** Who is present. Immutable, and the same object while nothing changes. */
  value(): View<ValueOf<Type>> {
    return this.#topic.view(this.#lens) as View<ValueOf<Type>>;
  }

  /** A member with this id; nothing when it is not present or not seen. */
  member(id: MemberId): Member<ValueOf<Type>> | undefined {
    return this.value().members.find((it) => it.member === id);
  }

  /** A user with all members that are theirs; nothing when none is present or seen. */
  user(id: UserId): User<ValueOf<Type>> | undefined {
    return this.value().users.find((it) => it.user === id);
  }

  /**
   * The same topic, looking only at some: at those whom the own member follows, or at these users (128 at
   * most are asked for by name). The server tells no more than all handles together look at.
   *
   * @example
   * board.only("following").onUpdate((member) => mirror(member.value));
   */
  only(whom: "following" | { readonly users: readonly UserId[] }): TopicHandle<Type> {
    return new TopicHandle(this.#topic, whom);
  }

  /** Follows these users too; others see it in `following` and `followers`. It is kept for whenever one is present. */
  follow(...users: readonly UserId[]): void {
    this.#topic.follow([...new Set([...this.value().following, ...users])]);
  }

  /** Follows these users no longer; nobody any more when none is named. */
  unfollow(...users: readonly UserId[]): void {
    this.#topic.follow(users.length === 0 ? [] : this.value().following.filter((it) => !users.includes(it)));
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

  /**
   * Calls when somebody else is gone, or oneself without having left. A lost connection is no reason: who
   * went meanwhile is told of when it is back.
   */
  onLeave(call: (member: Member<ValueOf<Type>>, reason: LeaveReason) => void): () => void {
    return this.#on("leave", call as (member: Member, reason: LeaveReason) => void);
  }

  /** Calls whenever there are more or fewer. Where nothing else listens, the server tells only the numbers. */
  onCount(call: (counts: Counts) => void): () => void {
    let told: Counts | undefined;
    return this.#topic.on(this.#topic.lens("count"), "change", ({ counts }) => {
      if (counts !== told) call((told = counts));
    });
  }

  /** {@link onChange} as stores have it: calls at once, then as it does. Needs no `this`. */
  readonly subscribe = (call: (view: View<ValueOf<Type>>) => void): (() => void) => {
    const stop = this.onChange(call);
    call(this.value());
    return stop;
  };

  /** {@link value}, as stores have it. Needs no `this`. */
  readonly getSnapshot = (): View<ValueOf<Type>> => this.value();

  #on<Event extends keyof TopicEvents>(
    event: Event,
    call: (...args: TopicEvents[Event]) => void,
  ): () => void {
    return this.#topic.on(this.#lens, event, call);
  }
}
