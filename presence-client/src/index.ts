/**
 * Typed presence: who is here and what are they doing.
 *
 * @packageDocumentation
 */

export { PresenceClient } from "./client.js";
export type { Thresholds } from "./attention.js";
export type { Pace } from "./batch.js";
export type { ClientOptions } from "./client.js";
export type {
  AnyTopic,
  InputOf,
  ParameterArguments,
  ParametersOf,
  PatchOf,
  ValueOf,
} from "./descriptor.js";
export type {
  Environment,
  Locks,
  Page,
  PageEvent,
  Reply,
  Request,
  SessionStore,
  Socket,
  Timers,
} from "./environment.js";
export { PresenceError } from "./error.js";
export type { ClientCode, Detail, ErrorCode, ServerCode } from "./error.js";
export type { TopicHandle } from "./handle.js";
export type { MemberId, UserId } from "./id.js";
export type { Ack } from "./own.js";
export type { Carrier } from "./machine.js";
export type { Patience, State, Status } from "./status.js";
export type { TokenSource } from "./token.js";
export type { Counts, LeaveReason, Member, User, View } from "./view.js";
export type { Activity, Filter, Mismatch, Reason } from "./wire.js";
