import { cursor, status } from "generated";
import type { CursorInput, Tool } from "generated";
import type { LeaveReason, PresenceClient, TopicHandle } from "presence-client";

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
    const name = (label: string) => nameOr(label);
    this.#cursors.onJoin(({ member, value }) => {
      if (this.#arrived) this.#on.joined(member, name(value.label));
    });
    this.#cursors.onLeave(({ member, value }, reason) => this.#on.left(member, name(value.label), reason));
    this.#cursors.onChange((view) => {
      this.#arrived ||= view.status === "live";
      this.#tell();
    });
    this.#statuses.onChange(() => this.#tell());
    this.#tell();
  }

  move(x: number, y: number): void {
    this.#cursors.update({ x, y });
  }

  take(tool: Tool): void {
    this.#cursors.update({ tool });
  }

  rename(label: string): void {
    this.#cursors.update({ label });
  }

  /** While it is said again and again, others see it; it falls back by itself. */
  write(typing: boolean): void {
    this.#cursors.update({ typing });
  }

  /** What one says stays until something else is said. */
  say(message: string): void {
    this.#statuses.heartbeat({ availability: { state: "available" }, message });
  }

  #tell(): void {
    const board = this.#cursors.value();
    const room = this.#statuses.value();
    const statuses = new Map(room.others.map((it) => [it.member, it]));
    const others = board.others.map((it) => personOf(it, statuses.get(it.member), false));
    const you = board.self ? [personOf(board.self, room.self ?? undefined, true)] : [];
    this.#on.people([...you, ...others]);
  }
}
