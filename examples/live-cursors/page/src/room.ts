import { cursor, status } from "generated";
import type { CursorInput, Tool } from "generated";
import type { LeaveReason, Member, PresenceClient, TopicHandle } from "presence-client";

import { Palette } from "./color.js";
import { nameOr } from "./name.js";
import { personOf } from "./person.js";
import type { Person } from "./person.js";

/** What a room tells. */
export interface RoomEvents {
  /** Who is here, oneself first. */
  people(people: readonly Person[]): void;
  /** Somebody came, after one had seen who was there already. */
  joined(id: string, name: string): void;
  left(id: string, name: string, reason: LeaveReason): void;
}

/**
 * A board and the room around it: the cursors of one topic, the messages of another, joined by
 * member. The rest of the page knows neither topic.
 */
export class Room {
  readonly #cursors: TopicHandle<typeof cursor>;
  readonly #statuses: TopicHandle<typeof status>;
  readonly #on: RoomEvents;
  readonly #palette = new Palette();
  /** Whether those who were there first have been seen. */
  #arrived = false;

  constructor(client: PresenceClient, board: string, on: RoomEvents) {
    this.#cursors = client.topic(cursor, { board });
    this.#statuses = client.topic(status, { room: board });
    this.#on = on;
  }

  /** Enters with a first value, and tells what happens from then on. */
  enter(value: CursorInput, message: string): void {
    this.#cursors.heartbeat(value);
    this.say(message);
    this.#cursors.onJoin(({ member, value }) => {
      if (this.#arrived) this.#on.joined(member, nameOr(value.label));
    });
    this.#cursors.onLeave(({ member, value }, reason) => this.#on.left(member, nameOr(value.label), reason));
    this.#cursors.onChange((view) => {
      this.#arrived ||= view.status === "live";
      this.#tell();
    });
    this.#statuses.onChange(() => this.#tell());
    this.#tell();
  }

  move(x: number, y: number): void {
    this.#patch({ x, y });
  }

  take(tool: Tool): void {
    this.#patch({ tool });
  }

  rename(label: string): void {
    this.#patch({ label });
  }

  /** While it is said again and again, others see it; it falls back by itself. */
  write(typing: boolean): void {
    this.#patch({ typing });
  }

  /** What one says stays until something else is said. */
  say(message: string): void {
    if (this.#statuses.value().status === "closed") return;
    this.#statuses.heartbeat({ availability: { state: "available" }, message });
  }

  #tell(): void {
    const board = this.#cursors.value();
    const room = this.#statuses.value();
    const statuses = new Map(room.others.map((it) => [it.member, it]));
    const hues = this.#palette.of(this.#arrived ? inOrder(board.members) : []);
    const others = board.others.map((it) =>
      personOf(it, { status: statuses.get(it.member), hue: hues.get(it.member), you: false }),
    );
    const { self } = board;
    const about = { status: room.self ?? undefined, hue: hues.get(self?.member ?? ""), you: true };
    this.#on.people(self ? [personOf(self, about), ...others] : others);
  }

  /** Nothing is sent any more once the server has sent one away. */
  #patch(patch: Partial<CursorInput>): void {
    if (this.#cursors.value().status !== "closed") this.#cursors.update(patch);
  }
}

/** Ids in the order of joining, which is the same for everybody. */
function inOrder(members: readonly Member[]): readonly string[] {
  const before = (a: Member, b: Member) => a.joinedMs - b.joinedMs || (a.member < b.member ? -1 : 1);
  return [...members].sort(before).map(({ member }) => member);
}
