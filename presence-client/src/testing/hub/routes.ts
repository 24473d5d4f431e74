/** The HTTP routes. */

import { expiresInMs } from "../topic/topic.js";
import type { Entry } from "../topic/entry.js";
import { Refused } from "../wire/fault.js";
import { entryOpen, utf8Length } from "../wire/frames.js";
import { readBody } from "../wire/messages.js";
import type { Filter } from "../wire/messages.js";
import { announcer, contract } from "./access.js";
import type { Caller } from "./access.js";
import { usersOf, watchingOf } from "./conversation.js";
import type { Hub } from "./hub.js";
import { checkTopic, checkUser } from "./names.js";
import { EventStream } from "./stream.js";
import type { Sink } from "./stream.js";

/** A request as it arrives. The path is below the prefix, without its leading slash. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer: whole, or a stream that begins with `open`. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Begins to write; returns what the end of the connection calls. */
  readonly open?: (sink: Sink) => () => void;
}

/** Most entries or topics of one answer. */
const PAGE = 1_000;
const TOKENS = ["token", "access_token", "id_token", "jwt", "auth", "authorization"];
const JSON_TYPE = "application/json";

type Route = (hub: Hub, caller: Caller, asked: Asked, name: string) => Answered;

const TOPIC_ROUTES: Readonly<Record<string, readonly [methods: string, route: Route]>> = {
  heartbeat: ["POST", heartbeat],
  leave: ["POST", leave],
  value: ["GET, HEAD", value],
  changes: ["GET", changes],
};

/** Answers a request. */
export function answer(hub: Hub, asked: Asked): Answered {
  try {
    return route(hub, asked);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(error);
  }
}

function route(hub: Hub, asked: Asked): Answered {
  const [methods, found, name] = find(asked.path);
  if (asked.method === "OPTIONS") return { status: 204, headers: { allow: `${methods}, OPTIONS` }, body: "" };
  if (!methods.split(", ").includes(asked.method)) {
    const no = refused(new Refused("method_not_allowed", `this route has the methods ${methods}, OPTIONS`));
    return { ...no, headers: { ...no.headers, allow: `${methods}, OPTIONS` } };
  }
  const keys = asked.query.split("&").map((pair) => pair.split("=")[0]?.toLowerCase() ?? "");
  if (keys.some((key) => TOKENS.includes(key))) {
    throw new Refused("invalid_request", "a token does not belong into a URL: send it in `Authorization: Bearer`");
  }
  if (found === undefined) throw new Refused("upgrade_required", "this route speaks WebSocket, version 13");
  const [, token] = /^Bearer (.+)$/i.exec(asked.headers["authorization"] ?? "") ?? [];
  const caller = hub.access.admit(token, asked.headers["presence-session"]);
  const done = found(hub, caller, asked, name);
  return asked.method === "HEAD" ? { ...done, body: "" } : done;
}

/** The route of a path; none but the methods for that of the WebSocket. */
function find(path: string): readonly [methods: string, route: Route | undefined, name: string] {
  const unknown = new Refused("not_found", "no such route");
  const text = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw unknown;
    }
  };
  const [first = "", second, ...more] = path.split("/");
  if (more.length > 0) throw unknown;
  if (second === undefined) {
    if (first === "ws") return ["GET", undefined, ""];
    if (first === "changes") return ["POST", changesOfMany, ""];
    if (first === "topics") return ["GET, HEAD", topics, ""];
    throw unknown;
  }
  if (first === "users") return ["GET, HEAD", user, text(second)];
  if (first === "schemas") return ["GET, HEAD", schema, text(second)];
  const known = Object.hasOwn(TOPIC_ROUTES, second) ? TOPIC_ROUTES[second] : undefined;
  if (known === undefined) throw unknown;
  return [...known, text(first)];
}

function heartbeat(hub: Hub, caller: Caller, asked: Asked, topic: string): Answered {
  hub.access.permit(caller, topic, "announce");
  const text = bodyOf(hub, asked);
  const kind = hub.access.kind(topic);
  const { body, flawsOfValue } = readBody("heartbeat", text);
  const known = body.schema === undefined ? undefined : contract(body.schema);
  if (body.schema !== undefined && known === undefined) {
    const detail = { path: "/schema", rule: "type", expected: "a contract", found: JSON.stringify(body.schema).slice(0, 64) };
    throw new Refused("invalid_request", "invalid request: /schema: expected a contract", { details: [detail] });
  }
  const mismatch = known && kind.mismatch(known);
  const who = announcer(caller);
  const { n, activity, hidden } = body;
  const done = hub.heartbeat(topic, kind, who, {
    lease: { ttlMs: body.ttlMs ?? kind.type.ttlMs },
    following: body.following && usersOf(body.following),
    value: "value" in body ? kind.value(body.value, flawsOfValue, caller.fields) : undefined,
    n,
    activity,
    hidden,
  });
  if (!("value" in body)) hub.restamp(topic, caller);
  return json({ ...done, ...(mismatch ? { mismatch } : {}) });
}

function leave(hub: Hub, caller: Caller, asked: Asked, topic: string): Answered {
  hub.access.permit(caller, topic, "announce");
  const text = bodyOf(hub, asked);
  const kind = hub.access.kind(topic);
  const { n, afterMs, session } = readBody("leave", text).body;
  const [, token] = /^Bearer (.+)$/i.exec(asked.headers["authorization"] ?? "") ?? [];
  const who = announcer(session === undefined || caller.actor ? caller : hub.access.admit(token, session));
  const left = hub.leave(topic, kind, who, { n, afterMs });
  return json({ left: left === "now" || left === "later" });
}

function value(hub: Hub, caller: Caller, asked: Asked, topic: string): Answered {
  hub.access.permit(caller, topic, "read");
  hub.access.kind(topic);
  const after = Number(afterOf(asked.query, /^[0-9]+$/, "value") ?? 0);
  const live = hub.existing(topic);
  const body = live?.with((it, now) => {
    const entries = [...it.entries.values()].filter((entry) => entry.joined > after);
    const page = entries.slice(0, PAGE);
    const next = entries.length > PAGE ? `,"next":"${page.at(-1)?.joined}"` : "";
    const counts = JSON.stringify(it.counts);
    const all = page.map((entry) => withExpiry(entry, now)).join(",");
    return `{"topic":"${topic}","at":"${it.at}","nowMs":${now},"counts":${counts},"entries":[${all}]${next}}`;
  });
  const at = live?.topic.at ?? "0.0";
  const etag = `W/"${at}"`;
  const headers = { "content-type": JSON_TYPE, etag, "cache-control": "no-cache" };
  if (asked.headers["if-none-match"] === etag) return { status: 304, headers: { etag, "cache-control": "no-cache" }, body: "" };
  const nobody = `{"topic":"${topic}","at":"0.0","nowMs":${hub.clock.now},"counts":{"members":0,"users":0},"entries":[]}`;
  return { status: 200, headers, body: body ?? nobody };
}

function changes(hub: Hub, caller: Caller, asked: Asked, topic: string): Answered {
  hub.access.permit(caller, topic, "read");
  const watching = watchingOf(filterOf(asked.query), caller.actor);
  const kind = hub.access.kind(topic);
  const stream = new EventStream(hub, caller);
  return events(stream, (sink) => stream.open(sink, [{ topic, kind, watching, since: asked.headers["last-event-id"] }]));
}

function changesOfMany(hub: Hub, caller: Caller, asked: Asked): Answered {
  const { topics: wanted } = readBody("changes", bodyOf(hub, asked)).body;
  const most = hub.limits.maxTopicsPerConnection;
  if (wanted.length === 0 || wanted.length > most) {
    throw new Refused("too_many_topics", `a stream has 1 to ${most} topics, found ${wanted.length}`);
  }
  const watched = wanted.map(({ topic, since, filter }) => {
    const watching = watchingOf(filter, caller.actor);
    hub.access.permit(caller, topic, "read");
    return { topic, kind: hub.access.kind(topic), watching, since };
  });
  const stream = new EventStream(hub, caller);
  return events(stream, (sink) => stream.open(sink, watched));
}

function user(hub: Hub, caller: Caller, asked: Asked, name: string): Answered {
  checkUser(name);
  const after = topicAfter(asked.query);
  const found = hub.present.filter((it) => it.name > after && hub.access.may(caller, it.name, "read"));
  const now = hub.clock.now;
  const rows: string[] = [];
  let next = "";
  let count = 0;
  for (const { name: topic, topic: it } of found) {
    const members = [...it.entries.values()].filter((entry) => entry.user === name);
    if (members.length === 0) continue;
    if (count >= PAGE || rows.length >= PAGE) break;
    rows.push(`{"topic":"${topic}","members":[${members.map((entry) => withExpiry(entry, now)).join(",")}]}`);
    count += members.length;
    next = topic;
  }
  const more = found.some((it) => it.name > next && [...it.topic.entries.values()].some((entry) => entry.user === name));
  const last = more && rows.length > 0 ? `,"next":"${next}"` : "";
  return text(`{"user":"${name}","nowMs":${now},"topics":[${rows.join(",")}]${last}}`);
}

function topics(hub: Hub, caller: Caller, asked: Asked): Answered {
  const after = topicAfter(asked.query);
  const found = hub.present.filter((it) => it.name > after && hub.access.may(caller, it.name, "read"));
  const page = found.slice(0, PAGE).map(({ name, topic }) => ({ topic: name, counts: topic.counts, at: topic.at }));
  return json({ topics: page, ...(found.length > PAGE ? { next: page.at(-1)?.topic } : {}) });
}

/** Descriptors say what a value may be by code: of the schema there is the name. */
function schema(hub: Hub, _: Caller, __: Asked, name: string): Answered {
  const title = name.replace(/\.output$/, "");
  const names = hub.kinds.map(({ type }) => type.name);
  if (!names.includes(title)) {
    throw new Refused("not_found", `no schema has this name; there are ${names.join(", ")}`);
  }
  const found = json({ $schema: "https://json-schema.org/draft/2020-12/schema", title });
  return { ...found, headers: { ...found.headers, "content-type": "application/schema+json" } };
}

function withExpiry(entry: Entry, now: number): string {
  const left = expiresInMs(entry, now);
  return `${entryOpen(entry)}${left === undefined ? "" : `,"expiresInMs":${left}`}}`;
}

/** @throws Refused `too_large`, `unsupported_media_type` */
function bodyOf(hub: Hub, { headers, body }: Asked): string {
  const kind = headers["content-type"];
  const [named = ""] = (kind ?? "").split(";");
  if (kind !== undefined && named.trim().toLowerCase() !== JSON_TYPE) {
    throw new Refused("unsupported_media_type", `the body has to be application/json, found "${kind.slice(0, 64)}"`);
  }
  const { maxBody } = hub.limits;
  if (utf8Length(body) > maxBody) throw new Refused("too_large", `a body has at most ${maxBody} bytes`);
  if (body !== "" && kind === undefined) {
    throw new Refused("unsupported_media_type", "a body needs `Content-Type: application/json`");
  }
  return body;
}

function filterOf(query: string): Filter {
  const message = "the query of `changes` is `filter=` with everybody, count or following, or `user=` for each user";
  const pairs = [...new URLSearchParams(query)];
  const named = pairs.flatMap(([key, it]) => (key === "filter" ? [it] : []));
  const users = pairs.flatMap(([key, it]) => (key === "user" ? [it] : []));
  const [name = "everybody"] = named;
  const known = name === "everybody" || name === "count" || name === "following";
  const both = named.length > 0 && users.length > 0;
  if (named.length > 1 || !known || both || named.length + users.length < pairs.length) {
    throw new Refused("invalid_request", message);
  }
  return users.length > 0 ? { users } : name;
}

function afterOf(query: string, form: RegExp, what: string): string | undefined {
  if (query === "") return undefined;
  const [, after] = /^after=(.*)$/.exec(query) ?? [];
  if (after !== undefined && form.test(after)) return after;
  throw new Refused("invalid_request", `the query of \`${what}\` is \`after=\` with the \`next\` of the page before`);
}

function topicAfter(query: string): string {
  const after = decodeURIComponent(afterOf(query, /^.+$/, "topics") ?? "");
  if (after !== "") checkTopic(after);
  return after;
}

function json(body: object): Answered {
  return text(JSON.stringify(body));
}

function text(body: string): Answered {
  return { status: 200, headers: { "content-type": JSON_TYPE, "cache-control": "no-store" }, body };
}

function events(stream: EventStream, begin: (sink: Sink) => void): Answered {
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store, no-transform" };
  const open = (sink: Sink) => {
    begin(sink);
    return () => stream.over();
  };
  return { status: 200, headers, body: "", open };
}

/** The answer that a refusal is. */
export function refused(error: Refused): Answered {
  const { retryAfterMs, status } = error;
  const wait = retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) };
  const who = status === 401 ? { "www-authenticate": "Bearer" } : {};
  const headers = { "content-type": JSON_TYPE, "cache-control": "no-store", ...wait, ...who };
  return { status, headers, body: JSON.stringify({ error }) };
}
