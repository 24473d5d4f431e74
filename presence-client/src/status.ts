import type { PresenceError } from "./error.js";

/**
 * How fresh what is seen is.
 *
 * - `connecting`: nothing was seen yet
 * - `syncing`: connected, and catching up
 * - `live`: what is seen is what the server has
 * - `stale`: the connection is lost and will be back; what is seen is the last that was known
 * - `closed`: over, by the application or for good
 */
export type State = "connecting" | "syncing" | "live" | "stale" | "closed";

/** How a client is connected. Immutable. */
export interface Status {
  readonly state: State;
  /** Since when, in milliseconds of the platform's monotonic clock. */
  readonly since: number;
  /** How many attempts to connect have failed since the last connection. */
  readonly attempt: number;
  /** When the next attempt is made, on the same clock; nothing when none is planned. */
  readonly retryAt: number | null;
  /** Why it is closed or not connected, where that is known. */
  readonly error: PresenceError | null;
}
