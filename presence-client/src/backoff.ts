const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * How long to wait before the next attempt, in milliseconds: full jitter, so that those who lost the
 * same server do not come back together.
 *
 * `attempt` counts from 0, `random` is from 0 to 1, `atLeastMs` is what the server asked for.
 */
export function backoff(attempt: number, random: number, atLeastMs = 0): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16));
  return atLeastMs + Math.round(random * ceiling);
}
