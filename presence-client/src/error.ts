/** What can go wrong, for programs: the server's codes, and the client's own. */
export type ErrorCode = ServerCode | ClientCode;

/** Codes of the server, as its reference lists them. */
export type ServerCode =
  | "invalid_request"
  | "invalid_value"
  | "too_large"
  | "invalid_topic"
  | "unknown_topic"
  | "invalid_session"
  | "session_taken"
  | "invalid_ttl"
  | "not_present"
  | "topic_full"
  | "kicked"
  | "unauthenticated"
  | "token_expired"
  | "forbidden"
  | "invalid_host"
  | "forbidden_origin"
  | "not_found"
  | "method_not_allowed"
  | "uri_too_long"
  | "unsupported_media_type"
  | "upgrade_required"
  | "unsupported_protocol"
  | "timeout"
  | "too_many_topics"
  | "too_many_connections"
  | "overloaded"
  | "unavailable"
  | "internal";

/** Codes of the client. */
export type ClientCode =
  /** The client was closed. */
  | "closed"
  /** The connection was lost before the answer came. */
  | "disconnected"
  /** The member left before the value was sent. */
  | "left"
  /** A function that was called back threw; the error's `cause` is what. */
  | "listener_failed"
  /** The client was generated from another contract than the server has. */
  | "schema_mismatch"
  /** Another connection has taken the session over. */
  | "taken_over";

/** One thing that is wrong with a value or request. */
export interface Detail {
  /** Where, as a JSON Pointer. */
  readonly path: string;
  /** Which rule it breaks. */
  readonly rule: string;
  /** What the rule asks for. */
  readonly expected: string;
  /** What came instead. */
  readonly found: string;
}

/** The part of an error that crosses the wire. */
export interface Fault {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** What went wrong, for people. */
  readonly message: string;
  /** Places and rules, where there are some. */
  readonly details?: readonly Detail[];
  /** When to try again, in milliseconds, where waiting helps. */
  readonly retryAfterMs?: number;
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "disconnected",
  "internal",
  "not_present",
  "overloaded",
  "timeout",
  "too_many_connections",
  "too_many_topics",
  "topic_full",
  "unavailable",
]);

/**
 * Why something could not be done.
 *
 * @example
 * try {
 *   await board.heartbeat({ x: -1, y: 2, label: "Ann" });
 * } catch (error) {
 *   if (error instanceof PresenceError) console.log(error.code, error.details);
 * }
 */
export class PresenceError extends Error {
  /** Always `PresenceError`, also where several copies of this package are loaded. */
  override readonly name = "PresenceError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** Whether the same may succeed later. */
  readonly retryable: boolean;
  /** When to try again, in milliseconds, where waiting helps. */
  readonly retryAfterMs: number | undefined;
  /** Places and rules, where there are some. */
  readonly details: readonly Detail[];

  /**
   * An error with a code, as `token` throws it to say that nobody is logged in.
   *
   * @example
   * throw new PresenceError({ code: "unauthenticated", message: "nobody is logged in" });
   */
  constructor(fault: Fault, cause?: unknown) {
    super(fault.message, cause === undefined ? undefined : { cause });
    this.code = fault.code;
    this.retryable = RETRYABLE.has(fault.code);
    this.retryAfterMs = fault.retryAfterMs;
    this.details = fault.details ?? [];
  }
}
