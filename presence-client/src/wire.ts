/**
 * The messages of protocol version 1 on a WebSocket: JSON text, one object a message, `type` its
 * first key. What arrives is not validated: the server vouches for it.
 */

import type { Fault } from "./error.js";
import type { MemberId, UserId } from "./id.js";

/** The protocol version this client speaks. */
export const PROTOCOL = 1;

/** How busy a member is. */
export type Activity = "active" | "idle" | "away";

/** Why a member left, as the server says it. */
export type Reason = "left" | "disconnected" | "expired" | "kicked" | "shutdown";

/** A message of a client. With `id` it is answered by `ok` or `error`, without it only by `error`. */
export type ClientMessage = { readonly id?: number } & (
  | Hello
  | Schemas
  | Subscribe
  | Unsubscribe
  | Heartbeat
  | Leave
  | Follow
  | Active
  | Token
);

/** Who speaks; always first. */
export interface Hello {
  readonly type: "hello";
  readonly protocol: number;
  readonly session?: string;
  readonly token?: string;
  readonly schemas?: Contracts;
}

/** The contracts the client was generated from, by the names of the types. */
export type Contracts = Readonly<
  Record<
    string,
    { readonly fingerprint: string; readonly version?: number; readonly fields: Readonly<Record<string, string>> }
  >
>;

/** Contracts that `hello` did not name. */
export interface Schemas {
  readonly type: "schemas";
  readonly schemas: Contracts;
}

/** Watch a topic, from a position on or from nothing. */
export interface Subscribe {
  readonly type: "subscribe";
  readonly topic: string;
  readonly since?: string;
  readonly filter?: Filter;
}

/** Whom a subscription tells of. */
export type Filter = "everybody" | "count" | "following" | { readonly users: readonly UserId[] };

/** Stop watching a topic. */
export interface Unsubscribe {
  readonly type: "unsubscribe";
  readonly topic: string;
}

/** Announce or renew; what is left out stays as it is. */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly topic: string;
  readonly value?: unknown;
  readonly n?: number;
  readonly activity?: Activity;
  readonly hidden?: boolean;
  readonly following?: readonly string[];
}

/** Stop being present. */
export interface Leave {
  readonly type: "leave";
  readonly topic: string;
  readonly n?: number;
  readonly afterMs?: number;
}

/** Whom one follows in a topic. */
export interface Follow {
  readonly type: "follow";
  readonly topic: string;
  readonly users: readonly string[];
  readonly n?: number;
}

/** How busy one is, in all topics announced on this connection. */
export interface Active {
  readonly type: "activity";
  readonly activity?: Activity;
  readonly hidden?: boolean;
  readonly n?: number;
}

/** A fresh token for a live connection. */
export interface Token {
  readonly type: "token";
  readonly token: string;
}

/** A message of the server. */
export type ServerMessage =
  | Welcome
  | Mismatched
  | Snapshot
  | Changes
  | Gone
  | Expiring
  | Ended
  | Remote
  | Ok
  | Refused
  | Draining;

/** The answer to `hello`. */
export interface Welcome {
  readonly type: "welcome";
  readonly session: string | null;
  readonly user: UserId | null;
  readonly heartbeatMs: number;
  readonly limits: { readonly maxMessageBytes: number; readonly maxTopics: number };
  /** How long the token holds; absent where it does as long as the connection. */
  readonly expiresInMs?: number;
}

/** The client was generated from another contract than the server has. */
export interface Mismatched extends Mismatch {
  readonly type: "mismatch";
}

/** How the contracts of a topic type differ on both sides. */
export interface Mismatch {
  /** The type's name. */
  readonly schema: string;
  /** Who has the older contract. */
  readonly older: "client" | "server";
  /** What differs, and what became of it on the way to the newer contract. */
  readonly fields: ReadonlyArray<{
    readonly field: string;
    readonly change: "added" | "removed" | "changed";
  }>;
}

/** A member with all that is known of it. */
export interface Entry {
  readonly member: MemberId;
  readonly user: UserId;
  readonly value: unknown;
  readonly activity: Activity;
  readonly following: readonly UserId[];
  readonly version: number;
  readonly joinedMs: number;
  readonly updatedMs: number;
}

/** What changed of a member. */
export interface Update {
  readonly member: MemberId;
  readonly value?: unknown;
  readonly activity?: Activity;
  readonly following?: readonly string[];
}

/** Who left, and why. */
export interface Departure {
  readonly member: MemberId;
  readonly reason: Reason;
}

interface Frame {
  readonly topic: string;
  /** The position after this message; absent while more parts follow. */
  readonly at?: string;
  readonly more?: true;
  /** The topic's own clock. */
  readonly nowMs: number;
  readonly counts: { readonly members: number; readonly users: number };
  readonly updated?: readonly Update[];
}

/** Everybody; replaces what the client has. */
export interface Snapshot extends Frame {
  readonly type: "snapshot";
  readonly entries: readonly Entry[];
}

/** What happened since the client's position: `left` first, then `joined`, then `updated`. */
export interface Changes extends Frame {
  readonly type: "changes";
  readonly joined?: readonly Entry[];
  readonly left?: readonly Departure[];
}

/** The client's entry went without its doing. */
export interface Gone {
  readonly type: "gone";
  readonly topic: string;
  readonly reason: Reason;
}

/** The token is about to expire: show another one. */
export interface Expiring {
  readonly type: "expiring";
  readonly expiresInMs: number;
}

/** A subscription ended: the client may no longer read the topic. */
export interface Ended {
  readonly type: "ended";
  readonly topic: string;
  readonly error: Fault;
}

/** How fresh the members of other nodes are. */
export interface Remote {
  readonly type: "status";
  readonly topic?: string;
  readonly remote: string;
}

/** The message with this `id` was done. */
export interface Ok extends Partial<Acknowledged> {
  readonly type: "ok";
  readonly id: number;
  /** Whether a leave found somebody present. */
  readonly left?: boolean;
}

/** What a heartbeat did. */
export interface Acknowledged {
  /** What it did: it began, the value is another, only the lease is newer, or something newer was said before. */
  readonly change: "joined" | "updated" | "renewed" | "stale";
  /** Which member it is about: the own one. */
  readonly member: MemberId;
  /** A newer state of the member has a greater one. */
  readonly version: number;
  /** How long the member stays without another heartbeat, in milliseconds; over a WebSocket as long as that lasts. */
  readonly expiresInMs?: number;
  /** How often to send a heartbeat, in milliseconds. */
  readonly heartbeatMs: number;
  /** The shortest time between two values, in milliseconds. */
  readonly throttleMs: number;
}

/** A message was refused. */
export interface Refused {
  readonly type: "error";
  readonly id?: number;
  readonly error: Fault;
}

/** The server is about to go: reconnect after this time. */
export interface Draining {
  readonly type: "draining";
  readonly retryAfterMs: number;
}

const TYPES: ReadonlySet<unknown> = new Set<ServerMessage["type"]>([
  "welcome",
  "mismatch",
  "snapshot",
  "changes",
  "gone",
  "expiring",
  "ended",
  "status",
  "ok",
  "error",
  "draining",
]);

/** Reads a message of the server; nothing when its type is unknown, as a later protocol may have. */
export function readMessage(text: unknown): ServerMessage | undefined {
  if (typeof text !== "string") return undefined;
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  return TYPES.has(message.type) ? (message as ServerMessage) : undefined;
}
