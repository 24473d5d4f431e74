import type { AnyTopic, InputOf, PatchOf, ValueOf } from "../descriptor.js";
import type { MemberId, UserId } from "../id.js";
import type { Ack } from "../own.js";
import type { Member, User, View } from "../view.js";
import type { Place, Whom } from "./place.js";

/**
 * Being in a topic, as components have it: what `usePresence` returns, and the other hooks take. It stays
 * the same object, and its functions need no `this`.
 *
 * @example
 * const { update, leave } = usePresence(cursor, { board }, { x: 0, y: 0, label: "Ann" });
 */
export class Presence<Type extends AnyTopic> {
  /** @internal Where it is at present. */
  readonly at: () => Place<Type>;

  /** @internal Use `usePresence`. */
  constructor(at: () => Place<Type>) {
    this.at = at;
  }

  /** The topic's name, such as `boards:42:cursors`. */
  get name(): string {
    return this.at().name;
  }

  /**
   * Announces the own member with this value, as `TopicHandle.heartbeat` does; nobody has to await it.
   *
   * @throws {PresenceError} at once when the value cannot be sent; `not_present` when there is none
   */
  readonly heartbeat = (value?: InputOf<Type>): Promise<Ack> => this.at().seat.heartbeat(value);

  /**
   * Sets some fields of the own value, as `TopicHandle.update` does; nobody has to await it.
   *
   * @throws {PresenceError} `not_present` before the first value
   */
  readonly update = (patch: PatchOf<Type>): Promise<Ack> => this.at().seat.update(patch);

  /** Stops being present at once, for all components. Resolves to whether somebody left. */
  readonly leave = (): Promise<boolean> => this.at().seat.leave();

  /** Follows these users too; it is kept for whenever one is present. */
  readonly follow = (...users: readonly UserId[]): void => this.at().handle.follow(...users);

  /** Follows these users no longer; nobody any more when none is named. */
  readonly unfollow = (...users: readonly UserId[]): void => this.at().handle.unfollow(...users);

  /** Who is present now, for a handler of events; what is painted comes from the hooks. */
  readonly value = (): View<ValueOf<Type>> => this.at().view();

  /** A member with this id; nothing when it is not present or not seen. */
  readonly member = (id: MemberId): Member<ValueOf<Type>> | undefined => this.at().handle.member(id);

  /** A user with all members that are theirs; nothing when none is present or seen. */
  readonly user = (id: UserId): User<ValueOf<Type>> | undefined => this.at().handle.user(id);

  /**
   * The same, looking only at some: at those whom the own member follows, or at these users. The server
   * tells no more than all components together look at.
   *
   * @example
   * useOnUpdate(board.only("following"), (member) => scrollTo(member.value));
   */
  readonly only = (whom: Whom): Presence<Type> => new Presence(() => this.at().only(whom));
}
