/** What clients say: messages on a WebSocket and bodies of requests, read as strictly as the server does. */

import type { Detail } from "../../error.js";
import type { ClientMessage } from "../../wire.js";
import { Refused, invalid } from "./fault.js";
import { readJson } from "./json.js";
import { explain, isObject } from "./shape.js";
import type { Fields } from "./shape.js";

const MESSAGES: Readonly<Record<ClientMessage["type"], Fields>> = {
  hello: { protocol: "count", "session?": "text", "token?": "text", "schemas?": "any" },
  schemas: { schemas: "any" },
  subscribe: { topic: "text", "since?": "text", "filter?": "filter" },
  unsubscribe: { topic: "text" },
  heartbeat: { topic: "text", "value?": "any", "n?": "count", "activity?": "activity", "hidden?": "flag", "following?": "users" },
  leave: { topic: "text", "n?": "count", "afterMs?": "count" },
  follow: { topic: "text", users: "texts", "n?": "count" },
  activity: { "activity?": "activity", "hidden?": "flag", "n?": "count" },
  token: { token: "text" },
};

const BODIES = {
  heartbeat: {
    "value?": "any",
    "ttlMs?": "count",
    "n?": "count",
    "activity?": "activity",
    "hidden?": "flag",
    "following?": "users",
    "schema?": "any",
  },
  leave: { "n?": "count", "afterMs?": "count", "session?": "text" },
  changes: { topics: { list: { topic: "text", "since?": "text", "filter?": "filter" } } },
} as const satisfies Record<string, Fields>;

/** What was read: flaws in the text of the value belong to the value. */
export interface Told<Body> {
  readonly body: Body;
  readonly flawsOfValue: readonly Detail[];
}

/** The bodies of requests. */
export interface Bodies {
  readonly heartbeat: Readonly<{
    value?: unknown;
    ttlMs?: number;
    n?: number;
    activity?: "active" | "idle" | "away";
    hidden?: boolean;
    following?: readonly string[];
    schema?: unknown;
  }>;
  readonly leave: Readonly<{ n?: number; afterMs?: number; session?: string }>;
  readonly changes: {
    readonly topics: readonly { readonly topic: string; readonly since?: string; readonly filter?: Filter }[];
  };
}

/** Whom a subscription is to hear of, as a client says it. */
export type Filter = "everybody" | "count" | "following" | { readonly users: readonly string[] };

/** A message that was refused before it was understood. */
export interface Misunderstood {
  readonly id: number | undefined;
  readonly refused: Refused;
}

/** Reads a message of a client. */
export function readClientMessage(text: string): Told<ClientMessage> | Misunderstood {
  const [, type = ""] = /^\s*\{\s*"type"\s*:\s*"([^"]*)"/.exec(text) ?? [];
  const { value, flaws } = readJson(text);
  const id = isObject(value) && Number.isSafeInteger(value["id"]) ? Number(value["id"]) : undefined;
  if (!Object.hasOwn(MESSAGES, type)) {
    const expected = `an object whose first key is \`type\`, one of ${Object.keys(MESSAGES).map((it) => `\`${it}\``).join(", ")}`;
    const found = type ? `\`${type.slice(0, 32)}\`` : "none";
    return { id, refused: invalid("request", [{ path: "/type", rule: "variant", expected, found }]) };
  }
  const fields = MESSAGES[type as ClientMessage["type"]];
  try {
    return divide<ClientMessage>({ "type?": "text", "id?": "count", ...fields }, value, flaws);
  } catch (error) {
    if (error instanceof Refused) return { id: flaws.some((it) => it.rule === "json") ? undefined : id, refused: error };
    throw error;
  }
}

/**
 * Reads the body of a request. An empty one is an empty object, where that says something.
 *
 * @throws Refused `invalid_request`
 */
export function readBody<Route extends keyof Bodies>(route: Route, text: string): Told<Bodies[Route]> {
  const { value, flaws } = readJson(text === "" && route !== "changes" ? "{}" : text);
  return divide<Bodies[Route]>(BODIES[route], value, flaws);
}

function divide<Body>(fields: Fields, value: unknown, flaws: readonly Detail[]): Told<Body> {
  const isOfValue = ({ path }: Detail) => path.startsWith("/value/") || path === "/value";
  const own = flaws.filter((it) => !isOfValue(it) || it.path === "/value" && it.rule === "duplicate");
  const found = [...own, ...(value === undefined ? [] : explain(fields, value))];
  if (found.length > 0) throw invalid("request", found.slice(0, 16));
  const flawsOfValue = flaws.filter(isOfValue).map((it) => ({ ...it, path: it.path.slice("/value".length) }));
  return { body: value as Body, flawsOfValue };
}
