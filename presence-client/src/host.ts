/** The host: what a topic, and the own member in it, need of their client. */

import type { Batch } from "./batch.js";
import type { Answer } from "./connection.js";
import type { Timers } from "./environment.js";
import type { PresenceError } from "./error.js";
import type { MemberId, UserId } from "./id.js";
import type { State } from "./status.js";
import type { Activity, ClientMessage } from "./wire.js";

/** What the own member needs of its client. */
export interface Link extends Timers {
  /** Whether messages can be sent. */
  readonly open: boolean;
  /** From 0 to 1. */
  random(): number;
  /** Sends a message; the answer is a `disconnected` error when the connection is lost. */
  ask(message: ClientMessage, done: (answer: Answer) => void): void;
  /** The next place in the order of the session's messages. */
  next(): number;
  /** How busy the person at the page is. */
  readonly activity: Activity;
  /** Whether the page is hidden, so that its timers may be slow. */
  readonly hidden: boolean;
  /** Why nothing can be announced any more, when that is so. */
  readonly over: PresenceError | undefined;
  /** Tells the application of an error that nobody waits for. */
  report(error: unknown, topic?: string): void;
}

/** What a topic needs of its client. */
export interface Host extends Link {
  /** How the client is connected. */
  readonly state: State;
  /** Whether members at other nodes of the server may have changed since. */
  readonly outdated: boolean;
  /** The own member's id and user, once the server has told them. */
  readonly identity: Identity | undefined;
  /** When listeners are told. */
  readonly batch: Batch;
  /** The topic is used: connects, if that was not done before. */
  begin(): void;
  /** Something that may matter to the client's status has changed. */
  changed(): void;
}

/** The own member's id and user. */
export interface Identity {
  readonly member: MemberId;
  readonly user: UserId;
}
