/** Faults: what a client is told when its request cannot be done. */

import type { Detail, ServerCode } from "../../error.js";
import type { Refusal } from "../topic/topic.js";

const STATUS: Readonly<Record<ServerCode, number>> = {
  invalid_request: 400,
  invalid_topic: 400,
  invalid_session: 400,
  invalid_ttl: 400,
  unsupported_protocol: 400,
  unauthenticated: 401,
  token_expired: 401,
  forbidden: 403,
  forbidden_origin: 403,
  kicked: 403,
  unknown_topic: 404,
  not_present: 404,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  session_taken: 409,
  too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  invalid_host: 421,
  invalid_value: 422,
  upgrade_required: 426,
  topic_full: 429,
  too_many_topics: 429,
  too_many_connections: 429,
  internal: 500,
  overloaded: 503,
  unavailable: 503,
};

/** Why a request was refused. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: ServerCode;
  readonly details: readonly Detail[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ServerCode, message: string, more: { details?: readonly Detail[]; retryAfterMs?: number } = {}) {
    super(message);
    this.code = code;
    this.details = more.details ?? [];
    this.retryAfterMs = more.retryAfterMs;
  }

  /** The status of an HTTP answer. */
  get status(): number {
    return STATUS[this.code];
  }

  /** What a client is told. */
  toJSON(): object {
    const { code, message, details, retryAfterMs } = this;
    return {
      code,
      message,
      ...(details.length > 0 && { details }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
}

/** The request, or the value in it, is wrong in these ways. */
export function invalid(what: "request" | "value", details: readonly Detail[]): Refused {
  const shown = details.map(({ path, expected, found }) => `${path && `${path}: `}expected ${expected}, found ${found}`);
  return new Refused(`invalid_${what}`, `invalid ${what}: ${shown.join("; ")}`, { details });
}

/** What a topic's refusal is for a client. */
export function refusal(it: Refusal): Refused {
  switch (it.refused) {
    case "not_present":
      return new Refused("not_present", "not present; send a value to join");
    case "session_taken":
      return new Refused("session_taken", "the session belongs to somebody else");
    case "topic_full":
      return new Refused("topic_full", `the topic is full, at most ${it.max} members are allowed`);
    case "kicked": {
      const { retryAfterMs } = it;
      const message = `removed from this topic, refused for another ${retryAfterMs / 1_000}s`;
      return new Refused("kicked", message, { retryAfterMs });
    }
    case "invalid_ttl": {
      const [min, max, found] = [it.min, it.max, it.found].map((ms) => (ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`));
      return new Refused("invalid_ttl", `ttl must be ${min} to ${max}, found ${found}`);
    }
    default:
      return it satisfies never;
  }
}
