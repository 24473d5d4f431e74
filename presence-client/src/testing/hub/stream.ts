/** Event streams: subscriptions whose messages leave as the body of an answer. */

import type { Scheduled } from "../clock.js";
import type { Frame } from "../wire/frames.js";
import type { Caller } from "./access.js";
import type { Connected, Hub } from "./hub.js";
import type { Kind } from "./kind.js";
import type { Live } from "./live.js";
import { Subscriber } from "./subscriber.js";
import type { Watching } from "./subscriber.js";

/** Where a stream's text goes. */
export interface Sink {
  write(text: string): void;
  end(): void;
}

/** A topic that a stream is to watch. */
export interface Watched {
  readonly topic: string;
  readonly kind: Kind;
  readonly watching: Watching;
  readonly since: string | undefined;
}

/** Topics watched by one answer. Its end is the end of the connection. */
export class EventStream implements Connected {
  readonly id: number;
  readonly #hub: Hub;
  readonly #caller: Caller;
  readonly #places: { readonly live: Live; readonly subscriber: Subscriber }[] = [];
  #sink: Sink | undefined;
  #comment: Scheduled | undefined;
  #expiry: Scheduled | undefined;
  #over = false;

  /** @throws Refused `overloaded`, `too_many_connections` */
  constructor(hub: Hub, caller: Caller) {
    this.#hub = hub;
    this.#caller = caller;
    this.id = hub.nextId();
    hub.add(this);
    try {
      hub.letIn(this, caller, false);
    } catch (error) {
      hub.letOut(this, undefined);
      throw error;
    }
  }

  /** Begins to write. */
  open(sink: Sink, watched: readonly Watched[]): void {
    this.#sink = sink;
    const { expiresInMs, actor } = this.#caller;
    const { clock } = this.#hub;
    if (expiresInMs !== undefined) this.#expiry = clock.after(expiresInMs, "patient", () => this.end());
    this.#keepAlive();
    for (const { topic, kind, watching, since } of watched) {
      const live = this.#hub.live(topic, kind);
      const subscriber = new Subscriber(this.id, watching, since, (frame) => this.#write(frame));
      this.#places.push({ live, subscriber });
      live.subscribe(subscriber);
      if (actor) live.with((it, now) => it.bindStream(actor, now));
    }
  }

  /** Streams hear of topics, and that the server goes. */
  say(message: { readonly type?: string; readonly retryAfterMs?: number }): void {
    if (message.type !== "draining") return;
    this.#sink?.write(`event: draining\nretry: ${message.retryAfterMs}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  end(): void {
    if (this.#over) return;
    this.over();
    this.#sink?.end();
  }

  /** Who comes back is asked anyway. */
  recheck(): void {
    this.end();
  }

  /** The connection is over, whoever ended it. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    this.#comment?.cancel();
    this.#expiry?.cancel();
    this.#hub.letOut(this, undefined);
    const { actor } = this.#caller;
    for (const { live, subscriber } of this.#places) {
      if (actor) live.with((it, now) => it.unbindStream(actor, now));
      live.unsubscribe(subscriber);
    }
  }

  #write({ type, at, json }: Frame): void {
    this.#sink?.write(`event: ${type}${at === undefined ? "" : `\nid: ${at}`}\ndata: ${json}\n\n`);
  }

  #keepAlive(): void {
    this.#comment = this.#hub.clock.after(this.#hub.limits.commentMs, "patient", () => {
      this.#sink?.write(":\n\n");
      this.#keepAlive();
    });
  }
}
