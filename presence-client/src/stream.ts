/**
 * One event stream for all topics that are watched. Another set of topics is another stream, which goes
 * on from where the one before was.
 */

import type { Environment } from "./environment.js";
import type { Fault } from "./error.js";
import { EventReader } from "./events.js";
import { read } from "./requests.js";
import type { Requests } from "./requests.js";
import type { Changes, Draining, Remote, ServerMessage, Snapshot, Subscribe } from "./wire.js";

/** How long an answer may take, or a stream be silent on which there are comments every 10 s. */
const SILENCE_MS = 25_000;
/** A stream that lasted so long was a good one: its end is made good at once, and nobody hears of it. */
const STABLE_MS = 2_000;

/** What a stream needs of its line, and tells it. */
export interface StreamHost {
  readonly environment: Environment;
  readonly requests: Requests;
  /** Something came. */
  alive(): void;
  /** What a topic is told, up to a position. */
  told(parts: readonly (Snapshot | Changes)[]): void;
  /** The server is about to go. */
  said(message: Draining | Remote): void;
  /** A subscription was taken. */
  taken(topic: string, ids: readonly number[]): void;
  /** A subscription was refused, or ended by the server when nobody asked. */
  refused(topic: string, ids: readonly number[], fault: Fault): void;
  /** Whether this is of more than a topic, and is seen to. */
  final(fault: Fault): boolean;
  /** There is no stream any more. */
  lost(fault?: Fault): void;
}

interface Watched {
  since: string | undefined;
  readonly filter: Subscribe["filter"];
  /** Who waits for the subscription to be taken. */
  ids: number[];
  /** What waits for its last part. */
  parts: (Snapshot | Changes)[];
}

/** The stream of a line. */
export class ChangeStream {
  readonly #host: StreamHost;
  readonly #topics = new Map<string, Watched>();
  #stop: AbortController | undefined;
  #scheduled = false;
  /** Since when it is open; never, once it is known that its end is no accident. */
  #openedAt = Number.POSITIVE_INFINITY;
  #heardAt = 0;
  #closed = false;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  watch({ topic, since, filter }: Subscribe, id: number | undefined): void {
    const ids = [...(this.#topics.get(topic)?.ids ?? []), ...(id === undefined ? [] : [id])];
    this.#topics.set(topic, { since, filter, ids, parts: [] });
    this.reopen();
  }

  forget(topic: string): void {
    if (this.#topics.delete(topic)) this.reopen();
  }

  /** Opens another one soon, for all that is said meanwhile. */
  reopen(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#open();
    });
  }

  /** Looks whether it is silent for so long that nobody can be there. */
  look(): void {
    const { now } = this.#host.environment;
    if (this.#topics.size > 0 && this.#stop && now() - this.#heardAt > SILENCE_MS) this.reopen();
  }

  close(): void {
    this.#closed = true;
    this.#stop?.abort();
  }

  async #open(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    if (this.#topics.size === 0 || this.#closed) return;
    const stop = new AbortController();
    const { signal } = stop;
    this.#stop = stop;
    this.#heardAt = this.#host.environment.now();
    for (const it of this.#topics.values()) it.parts = [];
    try {
      const reply = await this.#ask([...this.#topics.keys()], signal);
      if (signal.aborted) return;
      if (reply.status !== 200 || !reply.body) return await this.#refusal(reply, signal);
      this.#openedAt = this.#host.environment.now();
      for (const [topic, it] of this.#topics) this.#host.taken(topic, it.ids.splice(0));
      await this.#read(reply.body);
    } catch {
      // As is said below.
    }
    if (!signal.aborted) this.#ended();
  }

  #ask(topics: readonly string[], signal: AbortSignal) {
    const asked = topics.map((topic) => {
      const { since, filter } = this.#topics.get(topic) ?? {};
      return { topic, since, filter };
    });
    return this.#host.requests.fetch("/changes", { topics: asked }, signal);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const { signal } = this.#stop as AbortController;
    const bytes = body.getReader();
    const events = new EventReader();
    for (;;) {
      const { done, value } = await bytes.read();
      if (signal.aborted) return void bytes.cancel().catch(() => {});
      if (done) return;
      this.#heardAt = this.#host.environment.now();
      this.#host.alive();
      for (const { data } of events.push(value)) this.#hear(JSON.parse(data) as ServerMessage);
    }
  }

  #hear(message: ServerMessage): void {
    if (message.type === "draining") {
      this.#openedAt = Number.POSITIVE_INFINITY;
      return this.#host.said(message);
    }
    if (message.type === "status") return this.#host.said(message);
    if (message.type !== "snapshot" && message.type !== "changes") return;
    const watched = this.#topics.get(message.topic);
    if (watched === undefined) return;
    watched.parts.push(message);
    if (message.at === undefined) return;
    watched.since = message.at;
    this.#host.told(watched.parts.splice(0));
  }

  #ended(): void {
    const { now } = this.#host.environment;
    const good = now() - this.#openedAt >= STABLE_MS;
    this.#openedAt = Number.POSITIVE_INFINITY;
    this.#stop = undefined;
    if (good) this.reopen();
    else this.#host.lost();
  }

  /** The server refuses all for the sake of one: each is asked for alone, to find it. */
  async #refusal(reply: Parameters<typeof read>[0], signal: AbortSignal): Promise<void> {
    const first = await read(reply);
    if (signal.aborted) return;
    if (first.type !== "refused") return this.#host.lost();
    if (this.#host.final(first.fault)) return;
    // It goes, or has no room: that is of no topic.
    if (first.fault.code === "overloaded") return this.#host.lost(first.fault);
    const found: [topic: string, fault: Fault][] = [];
    if (this.#topics.size === 1) for (const topic of this.#topics.keys()) found.push([topic, first.fault]);
    else for (const topic of this.#topics.keys()) {
      const reply = await this.#ask([topic], signal);
      const outcome = reply.status === 200 ? void (await reply.body?.cancel()) : await read(reply);
      if (signal.aborted) return;
      if (outcome?.type === "refused") found.push([topic, outcome.fault]);
    }
    // It is none of them: whoever asks may not, or not now.
    if (found.length === 0) return this.#host.lost(first.fault);
    for (const [topic, fault] of found) {
      const ids = this.#topics.get(topic)?.ids ?? [];
      this.#topics.delete(topic);
      this.#host.refused(topic, ids, fault);
    }
    this.reopen();
  }
}
