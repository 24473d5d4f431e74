/** Requests of one session, as who it is, answered or lost in time. */

import type { Environment, Reply } from "./environment.js";
import type { Fault } from "./error.js";

/** How long a server may take to answer. */
const ANSWER_WAIT_MS = 10_000;

/** What a request came to. */
export type Outcome =
  /** The server did it. */
  | { readonly type: "done"; readonly body: Readonly<Record<string, unknown>> }
  /** The server refused it. */
  | { readonly type: "refused"; readonly fault: Fault }
  /** Nobody answered, or somebody who is no presence server. */
  | { readonly type: "lost" };

/** Sends requests. */
export class Requests {
  readonly #environment: Environment;
  readonly #url: string;
  readonly #session: string | undefined;
  token: string | undefined;

  constructor(environment: Environment, url: string, session: string | undefined, token: string | undefined) {
    this.#environment = environment;
    this.#url = url;
    this.#session = session;
    this.token = token;
  }

  /** Posts, or gets where there is nothing to post, and reads the answer. */
  async ask(route: string, body?: unknown, keepalive = false): Promise<Outcome> {
    const { setTimeout, clearTimeout } = this.#environment;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_WAIT_MS);
    try {
      return await read(await this.fetch(route, body, stop.signal, keepalive));
    } catch {
      return { type: "lost" };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The same, and leaves the answer to the caller. */
  fetch(route: string, body: unknown, signal: AbortSignal, keepalive = false): Promise<Reply> {
    const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    if (this.#session !== undefined) headers["presence-session"] = this.#session;
    if (this.token !== undefined) headers["authorization"] = `Bearer ${this.token}`;
    const said = body === undefined ? ({ method: "GET" } as const) : ({ method: "POST", body: JSON.stringify(body) } as const);
    return this.#environment.fetch(this.#url + route, { ...said, headers, keepalive, signal });
  }
}

/** Reads an answer of JSON. */
export async function read(reply: Reply): Promise<Outcome> {
  let body: unknown;
  try {
    body = JSON.parse(await reply.text());
  } catch {
    return { type: "lost" };
  }
  if (typeof body !== "object" || body === null) return { type: "lost" };
  if (reply.status === 200) return { type: "done", body: body as Record<string, unknown> };
  const { error } = body as { readonly error?: Fault };
  if (typeof error?.code !== "string") return { type: "lost" };
  const seconds = Number(reply.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = error.retryAfterMs ?? (Number.isFinite(seconds) ? seconds * 1_000 : undefined);
  return { type: "refused", fault: retryAfterMs === undefined ? error : { ...error, retryAfterMs } };
}
