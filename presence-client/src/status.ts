import type { Timers } from "./environment.js";
import { PresenceError } from "./error.js";
import type { Carrier } from "./machine.js";

/**
 * How fresh what is seen is.
 *
 * - `connecting`: nothing was seen yet
 * - `syncing`: connected, and catching up; or others have yet to come back to a server that has forgotten everybody
 * - `live`: what is seen is what the server has
 * - `stale`: the connection is lost and will be back, or the server has lost its other nodes; what is seen is the last that was known
 * - `closed`: over, by the application or for good
 */
export type State = "connecting" | "syncing" | "live" | "stale" | "closed";

/** How a client is connected. Immutable. */
export interface Status {
  /** How fresh what is seen is. */
  readonly state: State;
  /** Since when, in milliseconds of the platform's monotonic clock. */
  readonly since: number;
  /** What carries the connection, or will carry the next one. */
  readonly transport: Carrier;
  /** How many attempts to connect have failed since the last connection. */
  readonly attempt: number;
  /** When the next attempt is made, on the same clock; nothing when none is planned. */
  readonly retryAt: number | null;
  /** Why it is closed or not connected, where that is known. */
  readonly error: PresenceError | null;
}

/** How long to wait for a connection. */
export interface Patience {
  /** In milliseconds. Defaults to for ever. */
  readonly timeout?: number;
  /** Ends the waiting, with its reason. */
  readonly signal?: AbortSignal;
}

/** Something that has a status. */
interface Connecting {
  readonly status: Status;
  onStatus(call: (status: Status) => void): () => void;
}

/** Waits until there is a connection. Rejects when that is over for good, `timeout` when it takes too long. */
export function connected(client: Connecting, { timeout, signal }: Patience, timers: Timers): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (done: () => void) => {
      stop();
      timers.clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      done();
    };
    const abort = () => end(() => reject(signal?.reason));
    const look = ({ state, error }: Status) => {
      if (state === "live" || state === "syncing") end(resolve);
      else if (state === "closed") end(() => reject(error ?? new PresenceError({ code: "closed", message: "the client is closed" })));
    };
    const late = () => end(() => reject(new PresenceError({ code: "timeout", message: `not connected after ${timeout} ms` })));
    const timer = timeout === undefined ? undefined : timers.setTimeout(late, timeout);
    const stop = client.onStatus(look);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else look(client.status);
  });
}
