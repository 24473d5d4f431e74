/** Access: who asks, and what they may do. */

import type { Mismatch } from "../../wire.js";
import { sessionOf } from "../topic/session.js";
import type { Actor } from "../topic/session.js";
import { Refused } from "../wire/fault.js";
import { isObject } from "../wire/shape.js";
import type { Kind, Known, ServedTopic } from "./kind.js";
import { checkTopic, checkUser, match } from "./names.js";

/** Who somebody is, as the application says. */
export interface Identity {
  /** Nobody in particular: a guest, whose user is the session. */
  readonly user?: string;
  /** What the fields are set to that only the server sets. Defaults to their defaults. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** How long the token holds. Defaults to for ever. */
  readonly expiresInMs?: number;
}

/** Says who shows a token, or nothing: `unauthenticated` for nobody, `token_expired` when another token is all it takes. */
export type Authenticate = (token: string | undefined) => Identity | "unauthenticated" | "token_expired" | "unavailable";

/** What somebody wants to do in a topic. */
export interface Wish {
  /** Who wants it; nothing for a guest without a session. */
  readonly user: string | undefined;
  /** To see who is there, or to be there. */
  readonly action: "read" | "announce";
  /** The topic's name, such as `boards:42:cursors`. */
  readonly topic: string;
  /** The topic's type, as it was given to the server. */
  readonly type: ServedTopic;
  /** The parameters in the topic's name, such as `{ board: "42" }`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Says whether somebody may do something. */
export type Authorize = (wish: Wish) => boolean;

/** Who asks: somebody who was let in. */
export interface Caller {
  /** Who acts; nobody without a session key. */
  readonly actor: Actor | undefined;
  readonly user: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly expiresInMs: number | undefined;
}

/** Decides who somebody is and what they may do. */
export class Access {
  readonly #kinds: readonly Kind[];
  readonly #authenticate: Authenticate;
  readonly #authorize: Authorize | undefined;

  constructor(kinds: readonly Kind[], authenticate: Authenticate | undefined, authorize: Authorize | undefined) {
    this.#kinds = kinds;
    this.#authenticate = authenticate ?? ((token) => (token === undefined ? {} : { user: token }));
    this.#authorize = authorize ?? (authenticate && (() => true));
  }

  /**
   * Who shows this token and holds this session key.
   *
   * @throws Refused `unauthenticated`, `token_expired`, `unavailable`, `invalid_session`
   */
  admit(token: string | undefined, key: string | undefined): Caller {
    const identity = this.#authenticate(token);
    if (typeof identity === "string") {
      const message = identity === "token_expired" ? "the token has expired" : "who this is, is not known";
      throw new Refused(identity, message);
    }
    const session = key === undefined ? undefined : sessionOf(key);
    if (key !== undefined && session === undefined) {
      throw new Refused("invalid_session", "a session key is exactly 32 hex digits, found something else");
    }
    const named = identity.user === undefined ? undefined : checkUser(identity.user);
    const user = named ?? session?.id;
    const actor = session && user !== undefined ? { session, user } : undefined;
    return { actor, user, fields: identity.fields ?? {}, expiresInMs: identity.expiresInMs };
  }

  /**
   * The kind of a topic.
   *
   * @throws Refused `invalid_topic`, `unknown_topic`
   */
  kind(topic: string): Kind {
    checkTopic(topic);
    const kind = this.#kinds.find((it) => match(it.type.pattern, topic));
    if (kind) return kind;
    throw new Refused("unknown_topic", `no registered type has the topic \`${topic}\``);
  }

  /**
   * Checks that a caller may do something in a topic. Where everybody may do everything, a topic that
   * does not exist is no matter of this.
   *
   * @throws Refused `invalid_topic`, `forbidden`
   */
  permit(caller: Caller, topic: string, action: Wish["action"]): void {
    const authorize = this.#authorize;
    if (authorize === undefined) return;
    checkTopic(topic);
    const hidden = new Refused("forbidden", "there is no such topic, or it is not for you");
    const { type } = this.#kinds.find((it) => match(it.type.pattern, topic)) ?? {};
    if (type === undefined) throw hidden;
    const parameters = match(type.pattern, topic) ?? {};
    const may = (what: Wish["action"]) => authorize({ user: caller.user, action: what, topic, type, parameters });
    if (may(action)) return;
    if (action === "read" || !may("read")) throw hidden;
    throw new Refused("forbidden", "you may see who is in this topic, and not be in it yourself");
  }

  /** Whether a caller may do something in a topic. */
  may(caller: Caller, topic: string, action: Wish["action"]): boolean {
    try {
      this.permit(caller, topic, action);
      return true;
    } catch {
      return false;
    }
  }

  /** How the contracts that a client was generated from differ from those here. */
  compare(schemas: unknown): Mismatch[] {
    return Object.entries(contracts(schemas)).flatMap(([name, known]): Mismatch[] => {
      const kind = this.#kinds.find((it) => it.type.name === name);
      if (kind === undefined) return [{ schema: name, older: "server", fields: [] }];
      return [kind.mismatch(known) ?? []].flat();
    });
  }
}

/**
 * Who announces has to hold a key.
 *
 * @throws Refused `invalid_session`
 */
export function announcer({ actor }: Caller): Actor {
  if (actor) return actor;
  const where = "the header `Presence-Session`, or `session` in `hello`";
  throw new Refused("invalid_session", `announcing needs a session key of 32 hex digits: ${where}`);
}

function contracts(schemas: unknown): Record<string, Known> {
  const refused = (found: unknown) => {
    const expected = "an object of contracts by the names of their types";
    const detail = { path: "/schemas", rule: "type", expected, found: JSON.stringify(found).slice(0, 64) };
    return new Refused("invalid_request", `invalid request: /schemas: expected ${expected}`, { details: [detail] });
  };
  if (!isObject(schemas)) throw refused(schemas);
  return Object.fromEntries(
    Object.entries(schemas).map(([name, it]) => {
      const known = contract(it);
      if (known === undefined) throw refused(schemas);
      return [name, known];
    }),
  );
}

/** A contract as a client says it: its fingerprint alone, or with more. */
export function contract(it: unknown): Known | undefined {
  if (typeof it === "string") return { fingerprint: it, fields: {} };
  if (!isObject(it)) return undefined;
  const { fingerprint, fields = {}, version, ...more } = it;
  const digests = isObject(fields) && Object.values(fields).every((digest) => typeof digest === "string");
  const counted = version === undefined || (Number.isInteger(version) && Number(version) >= 0 && Number(version) < 2 ** 32);
  if (typeof fingerprint !== "string" || !digests || !counted || Object.keys(more).length > 0) return undefined;
  return {
    fingerprint,
    fields: fields as Readonly<Record<string, string>>,
    ...(version === undefined ? {} : { version: Number(version) }),
  };
}
