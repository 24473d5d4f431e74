/** Conversations: what the messages of one WebSocket mean. */

import type { Scheduled } from "../clock.js";
import type { ClientMessage } from "../../wire.js";
import type { Actor } from "../topic/session.js";
import { Refused } from "../wire/fault.js";
import { utf8Length } from "../wire/frames.js";
import { readClientMessage } from "../wire/messages.js";
import type { Filter, Told } from "../wire/messages.js";
import { announcer } from "./access.js";
import type { Caller } from "./access.js";
import type { Connected, Hub } from "./hub.js";
import type { Kind } from "./kind.js";
import type { Live } from "./live.js";
import { checkUser } from "./names.js";
import { Pulse } from "./pulse.js";
import { Subscriber } from "./subscriber.js";
import type { Watching } from "./subscriber.js";

/** Where the bytes of a conversation go. */
export interface Outlet {
  send(text: string): void;
  ping(): void;
  /** Ends the socket; without a code as if the network had done it. */
  close(code?: number): void;
}

/** A topic in which the connection watches or announces. */
interface Place {
  watch?: { readonly live: Live; readonly subscriber: Subscriber };
  announced: boolean;
}

type Message<Type extends ClientMessage["type"]> = Extract<ClientMessage, { readonly type: Type }>;

/** One WebSocket's side of the protocol. */
export class Conversation implements Connected {
  readonly id: number;
  readonly #hub: Hub;
  readonly #outlet: Outlet;
  readonly #pulse: Pulse;
  readonly #places = new Map<string, Place>();
  readonly #helloDue: Scheduled;
  #expiry: readonly Scheduled[] = [];
  #greeted = false;
  #caller: Caller | undefined;
  #key: string | undefined;
  #over = false;

  constructor(hub: Hub, outlet: Outlet) {
    this.#hub = hub;
    this.#outlet = outlet;
    this.id = hub.nextId();
    const { helloTimeoutMs } = hub.limits;
    this.#helloDue = hub.clock.after(helloTimeoutMs, "patient", () => this.end(4008));
    this.#pulse = new Pulse(hub.clock, hub.limits, { ping: () => outlet.ping(), lost: () => this.#lose() });
    try {
      hub.add(this);
    } catch {
      this.end(4029);
    }
  }

  say(message: object): void {
    if (!this.#over) this.#outlet.send(JSON.stringify(message));
  }

  end(code: number): void {
    if (this.#over) return;
    this.over();
    this.#outlet.close(code);
  }

  recheck(): void {
    const caller = this.#caller;
    if (caller === undefined) return;
    const { access } = this.#hub;
    for (const [topic, place] of [...this.#places]) {
      if (place.watch && !access.may(caller, topic, "read")) {
        this.#unwatch(place);
        const error = new Refused("forbidden", "there is no such topic, or it is not for you");
        this.say({ type: "ended", topic, error });
      }
      const { actor } = caller;
      if (place.announced && actor && !access.may(caller, topic, "announce")) {
        place.announced = false;
        const own = (it: { session: string; user: string }) => it.session === actor.session.id && it.user === actor.user;
        this.#hub.existing(topic)?.remove((it, now) => it.dismiss(own, now));
      }
      this.#forgetIfUnused(topic);
    }
  }

  /** Something was heard of the client, be it a pong only. */
  heard(): void {
    this.#pulse.heard();
  }

  /** Does what a message asks for and answers it. */
  hear(text: string): void {
    if (this.#over) return;
    this.heard();
    if (utf8Length(text) > this.#hub.limits.maxBody) return this.end(1009);
    const told = readClientMessage(text);
    if ("refused" in told) {
      this.#refuse(told.id, told.refused);
      if (!this.#greeted) this.end(4526);
      return;
    }
    const { body } = told;
    if (body.type === "hello") return this.#hello(body);
    if (!this.#greeted) {
      this.#refuse(undefined, new Refused("invalid_request", "`hello` comes first"));
      return this.end(4526);
    }
    try {
      this.#do(told);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(body.id, error);
    }
  }

  /** The connection is over, whoever ended it. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    this.#helloDue.cancel();
    this.#pulse.stop();
    for (const it of this.#expiry) it.cancel();
    const actor = this.#caller?.actor;
    this.#hub.letOut(this, actor);
    for (const [topic, place] of this.#places) {
      const live = this.#hub.existing(topic);
      if (actor && place.announced) live?.with((it, now) => it.disconnect(actor.session.id, this.id, now));
      this.#unwatch(place);
    }
    this.#places.clear();
  }

  #lose(): void {
    this.over();
    this.#outlet.close();
  }

  #do({ body: message, flawsOfValue }: Told<ClientMessage>): void {
    switch (message.type) {
      case "hello":
        return;
      case "schemas": {
        const mismatches = this.#hub.access.compare(message.schemas);
        this.#answer(message.id);
        for (const it of mismatches) this.say({ type: "mismatch", ...it });
        return;
      }
      case "subscribe":
        return this.#subscribe(message);
      case "unsubscribe": {
        const place = this.#places.get(message.topic);
        if (place) this.#unwatch(place);
        this.#forgetIfUnused(message.topic);
        return this.#answer(message.id);
      }
      case "heartbeat":
        return this.#answer(message.id, this.#heartbeat(message, flawsOfValue));
      case "follow": {
        const { topic, users: following, n } = message;
        const asked = { topic, following, ...(n === undefined ? {} : { n }) };
        return this.#answer(message.id, this.#heartbeat({ type: "heartbeat", ...asked }, []));
      }
      case "activity":
        return this.#activity(message);
      case "leave":
        return this.#leave(message);
      case "token":
        return this.#token(message);
      default:
        message satisfies never;
    }
  }

  #hello(hello: Message<"hello">): void {
    try {
      if (this.#greeted) throw new Refused("invalid_request", "`hello` was said already");
      if (hello.protocol !== 1) {
        throw new Refused("unsupported_protocol", `protocol 1 is spoken here, found ${hello.protocol}`);
      }
      this.#greeted = true;
      const caller = this.#hub.access.admit(hello.token, hello.session);
      const mismatches = this.#hub.access.compare(hello.schemas ?? {});
      this.#hub.letIn(this, caller, true);
      this.#key = hello.session;
      this.#take(caller);
      this.#helloDue.cancel();
      const { maxBody, maxTopicsPerConnection, heartbeatMs } = this.#hub.limits;
      this.say({
        type: "welcome",
        session: caller.actor?.session.id ?? null,
        user: caller.user ?? null,
        heartbeatMs,
        limits: { maxMessageBytes: maxBody, maxTopics: maxTopicsPerConnection },
        ...(caller.expiresInMs === undefined ? {} : { expiresInMs: caller.expiresInMs }),
      });
      for (const it of mismatches) this.say({ type: "mismatch", ...it });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(hello.id, error);
      this.end(closeCode(error));
    }
  }

  /** Who asks is known, and for how long. */
  #take(caller: Caller): void {
    this.#caller = caller;
    for (const it of this.#expiry) it.cancel();
    const left = caller.expiresInMs;
    if (left === undefined) return;
    const { clock, limits } = this.#hub;
    const warning = Math.min(limits.tokenWarningMs, left / 2);
    this.#expiry = [
      clock.after(left - warning, "patient", () => this.say({ type: "expiring", expiresInMs: warning })),
      clock.after(left, "patient", () => this.end(4010)),
    ];
  }

  #token({ id, token }: Message<"token">): void {
    const before = this.#caller;
    if (before === undefined) return;
    const caller = this.#hub.access.admit(token, this.#key);
    if (caller.user !== before.user) {
      throw new Refused("forbidden", "the token is another user's; that takes a connection of its own");
    }
    this.#take(caller);
    for (const [topic, { announced }] of this.#places) if (announced) this.#restamp(topic, caller);
    this.#answer(id);
    this.recheck();
  }

  #restamp(topic: string, caller: Caller): void {
    try {
      this.#hub.restamp(topic, caller);
    } catch (error) {
      // Who has not the claims any longer went, and was told `gone`.
      if (!(error instanceof Refused)) throw error;
    }
  }

  #subscribe({ id, topic, since, filter }: Message<"subscribe">): void {
    const caller = this.#known;
    this.#hub.access.permit(caller, topic, "read");
    const watching = watchingOf(filter, caller.actor);
    const [place, kind] = this.#place(topic);
    // The answer goes first: what follows may bring the snapshot at once.
    this.#answer(id);
    if (place.watch) {
      place.watch.subscriber.want(watching, since);
      return place.watch.live.resubscribe();
    }
    const live = this.#hub.live(topic, kind);
    const subscriber = new Subscriber(this.id, watching, since, ({ json }) => this.#outlet.send(json));
    place.watch = { live, subscriber };
    live.subscribe(subscriber);
  }

  #heartbeat(message: Message<"heartbeat">, flaws: Told<unknown>["flawsOfValue"]): object {
    const caller = this.#known;
    const { topic, following, n, activity, hidden } = message;
    this.#hub.access.permit(caller, topic, "announce");
    const who = announcer(caller);
    const users = following && usersOf(following);
    const kind = this.#hub.access.kind(topic);
    const value = "value" in message ? kind.value(message.value, flaws, caller.fields) : undefined;
    const [place] = this.#place(topic);
    try {
      const lease = { connection: this.id };
      const done = this.#hub.heartbeat(topic, kind, who, { lease, by: this.id, value, n, activity, hidden, following: users });
      place.announced = true;
      return done;
    } finally {
      this.#forgetIfUnused(topic);
    }
  }

  #activity({ id, ...said }: Message<"activity">): void {
    for (const [topic, { announced }] of [...this.#places]) {
      if (!announced) continue;
      try {
        this.#heartbeat({ ...said, type: "heartbeat", topic }, []);
      } catch (error) {
        // Where the entry went meanwhile, its owner was told `gone`.
        if (!(error instanceof Refused)) throw error;
      }
    }
    this.#answer(id);
  }

  #leave({ id, topic, n, afterMs }: Message<"leave">): void {
    const caller = this.#known;
    this.#hub.access.permit(caller, topic, "announce");
    const who = announcer(caller);
    const kind = this.#hub.access.kind(topic);
    const left = this.#hub.leave(topic, kind, who, { n, afterMs, by: this.id });
    const place = this.#places.get(topic);
    if (left === "now" && place) {
      place.announced = false;
      this.#forgetIfUnused(topic);
    }
    this.#answer(id, { left: left === "now" || left === "later" });
  }

  get #known(): Caller {
    return this.#caller ?? { actor: undefined, user: undefined, fields: {}, expiresInMs: undefined };
  }

  #place(topic: string): readonly [Place, Kind] {
    const kind = this.#hub.access.kind(topic);
    const known = this.#places.get(topic);
    if (known) return [known, kind];
    const most = this.#hub.limits.maxTopicsPerConnection;
    if (this.#places.size >= most) throw new Refused("too_many_topics", `a connection has at most ${most} topics`);
    const place = { announced: false };
    this.#places.set(topic, place);
    return [place, kind];
  }

  #unwatch(place: Place): void {
    const { watch } = place;
    delete place.watch;
    watch?.live.unsubscribe(watch.subscriber);
  }

  #forgetIfUnused(topic: string): void {
    const place = this.#places.get(topic);
    if (place && !place.announced && !place.watch) this.#places.delete(topic);
  }

  #answer(id: number | undefined, done: object = {}): void {
    if (id !== undefined) this.say({ type: "ok", id, ...done });
  }

  #refuse(id: number | undefined, error: Refused): void {
    this.say({ type: "error", ...(id === undefined ? {} : { id }), error });
  }
}

/**
 * What a filter means when this is who asks.
 *
 * @throws Refused `invalid_request` for a text that is no user, `invalid_session` for `following` without one
 */
export function watchingOf(filter: Filter = "everybody", actor: Actor | undefined): Watching {
  if (filter === "everybody" || filter === "count") return filter;
  if (filter !== "following") return new Set(usersOf(filter.users));
  if (actor) return { followedBy: actor.session.id };
  throw new Refused("invalid_session", "the filter `following` needs a session key: whose list would it be?");
}

/**
 * Reads a list of users.
 *
 * @throws Refused `invalid_request`
 */
export function usersOf(texts: readonly string[]): readonly string[] {
  if (texts.length > 128) {
    throw new Refused("invalid_request", `a list has at most 128 users, found ${texts.length}`);
  }
  return texts.map(checkUser);
}

function closeCode({ code }: Refused): number {
  switch (code) {
    case "unauthenticated":
      return 4501;
    case "token_expired":
      return 4010;
    case "unavailable":
      return 1013;
    case "too_many_connections":
      return 4029;
    default:
      return 4526;
  }
}
