/** Subscribers of a topic: what each has, whom it is told of, and where its messages go. */

import type { Topic } from "../topic/topic.js";
import { nothingNew, partsFor } from "../wire/frames.js";
import type { Frame, Scope } from "../wire/frames.js";

/** Whom somebody wants to hear of: the same at all times, or whom a session follows. */
export type Watching = Scope | { readonly followedBy: string };

/** Somebody who is told what happens in a topic. */
export class Subscriber {
  readonly connection: number;
  readonly #write: (frame: Frame) => void;
  /** What it has. */
  #at: string | undefined;
  #watching: Watching | undefined;
  #scope: Scope = "count";
  /** What the scope stands for, as a text that is the same for the same users. */
  #named = "";
  #wanted: { readonly watching: Watching; readonly at: string | undefined } | undefined;
  /** It has heard nothing since it subscribed. */
  #unanswered = true;

  constructor(connection: number, watching: Watching, at: string | undefined, write: (frame: Frame) => void) {
    this.connection = connection;
    this.#write = write;
    this.#wanted = { watching, at };
  }

  /** Wants to watch something else from now on, or from another position. */
  want(watching: Watching, at: string | undefined): void {
    this.#wanted = { watching, at };
  }

  /** Tells it what it does not know. */
  flush(topic: Topic, name: string, now: number): void {
    if (this.#wanted) this.#takeUp(topic, this.#wanted);
    else this.#follow(topic);
    const parts = partsFor(topic, name, this.#at, this.#scope, now);
    this.#at = topic.at;
    const own = parts !== undefined && parts.soleAuthor === this.connection;
    const frames = own ? [] : (parts?.frames ?? []);
    const said = frames.length === 0 && this.#unanswered ? [nothingNew(topic, name, now)] : frames;
    this.#unanswered = false;
    for (const frame of said) this.#write(frame);
  }

  #takeUp(topic: Topic, { watching, at }: { readonly watching: Watching; readonly at: string | undefined }): void {
    const other = this.#watching !== undefined && nameOf(this.#watching) !== nameOf(watching);
    this.#wanted = undefined;
    this.#watching = watching;
    this.#unanswered = true;
    this.#at = other ? undefined : at;
    if (!isFollowing(watching)) {
      this.#scope = watching;
      return;
    }
    const entry = topic.entries.get(watching.followedBy);
    this.#see(entry?.following);
    // What a position stands for depends on the list at that time.
    const known = Number(at?.split(".")[1]);
    if (entry === undefined || !(entry.changed.following.sequence <= known)) this.#at = undefined;
  }

  #follow(topic: Topic): void {
    if (this.#watching === undefined || !isFollowing(this.#watching)) return;
    const before = this.#named;
    this.#see(topic.entries.get(this.#watching.followedBy)?.following);
    if (this.#named !== before) this.#at = undefined;
  }

  #see(users: readonly string[] = []): void {
    this.#scope = new Set(users);
    this.#named = nameOf(this.#scope);
  }
}

function isFollowing(watching: Watching): watching is { readonly followedBy: string } {
  return typeof watching === "object" && "followedBy" in watching;
}

function nameOf(watching: Watching): string {
  if (typeof watching === "string") return watching;
  if (isFollowing(watching)) return `followed by ${watching.followedBy}`;
  return `users ${[...watching].sort().join(" ")}`;
}
