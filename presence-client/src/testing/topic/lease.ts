/** Leases: how long an entry stays, and what cuts it short. Times are milliseconds. */

import type { Reason } from "../../wire.js";

/** How long a deadline lease lasts at least while the tab is hidden. */
export const HIDDEN_TTL_MS = 150_000;
/** The shortest ttl a heartbeat may ask for. */
export const MIN_TTL_MS = 1_000;

/** The promise to be removed when silent: it lives with a connection, or for a time. */
export type Lease = { readonly connection: number } | { readonly ttlMs: number };

/** That an entry goes: when, why and by whose message. */
export interface Removal {
  readonly at: number;
  readonly reason: Reason;
  readonly by: number | undefined;
}

/** A lease as it runs. Immutable. */
export interface Tenure {
  readonly lease: Lease;
  readonly hidden: boolean;
  readonly renewed: number;
  /** The end of grace, when the connection was lost or the last bound stream ended. */
  readonly lost?: number;
  /** The end that a delayed leave announced, and whose message that was. */
  readonly leaving?: { readonly at: number; readonly by: number | undefined };
}

/** When a deadline lease is over. */
export function deadline({ lease, hidden, renewed }: Tenure): number | undefined {
  if ("connection" in lease) return undefined;
  return renewed + (hidden ? Math.max(lease.ttlMs, HIDDEN_TTL_MS) : lease.ttlMs);
}

/** The connection is lost: grace starts when the lease is this connection's. */
export function loseConnection(tenure: Tenure, connection: number, end: number): Tenure {
  const { lease, lost } = tenure;
  const own = "connection" in lease && lease.connection === connection;
  return own && lost === undefined ? { ...tenure, lost: end } : tenure;
}

/** The last bound stream ended: grace starts for a deadline lease. */
export function loseStream(tenure: Tenure, end: number): Tenure {
  return "ttlMs" in tenure.lease && tenure.lost === undefined ? { ...tenure, lost: end } : tenure;
}

/** A stream is bound again: that grace is off, and nothing is renewed. */
export function findStream(tenure: Tenure, now: number): Tenure {
  const { lost, ...rest } = tenure;
  return "ttlMs" in tenure.lease && lost !== undefined && lost > now ? rest : tenure;
}

/**
 * What ends it first, as things stand. At the same moment, what the member said goes before what the
 * transport noticed, and both before the mere passing of time.
 */
export function removal(tenure: Tenure): Removal | undefined {
  const { lost, leaving } = tenure;
  const over = deadline(tenure);
  const all: Removal[] = [];
  if (leaving) all.push({ at: leaving.at, reason: "left", by: leaving.by });
  if (lost !== undefined) all.push({ at: lost, reason: "disconnected", by: undefined });
  if (over !== undefined) all.push({ at: over, reason: "expired", by: undefined });
  return all.reduce<Removal | undefined>((first, it) => (first && first.at <= it.at ? first : it), undefined);
}
