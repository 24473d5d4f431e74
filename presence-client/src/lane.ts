/**
 * What one topic is told over HTTP: one heartbeat at a time, so that they arrive in the order in which
 * they were said. What is said meanwhile goes in one with the next.
 */

import type { Fault } from "./error.js";
import type { Outcome, Requests } from "./requests.js";
import type { Heartbeat, Leave } from "./wire.js";

/** What a lane needs of its line, and tells it. */
export interface LaneHost {
  readonly requests: Requests;
  /** From which contract the topic's type was generated. */
  contract(topic: string): unknown;
  /** A message was done. */
  done(topic: string, ids: readonly number[], body: Readonly<Record<string, unknown>>): void;
  /** Whether this is of more than a topic, and is seen to. */
  final(fault: Fault): boolean;
  /** A message was refused; nobody asked where there are no ids. */
  refused(topic: string, ids: readonly number[], fault: Fault): void;
  /** Nobody answered. */
  lost(): void;
}

type Beat = Omit<Heartbeat, "type" | "topic">;

/** What a topic is told. */
export class Lane {
  readonly #topic: string;
  readonly #host: LaneHost;
  /** What waits for the answer to what was said before. */
  #next: { beat: Beat; ids: number[] } | undefined;
  #busy = false;
  /** What has to be said again with another token. */
  #farewell: (Leave & { readonly id?: number }) | undefined;
  /** Counts leaves: the answer to what was said before one says nothing of what is now. */
  #leaves = 0;
  /** Whether the server has heard of the contract. */
  #compared = false;
  #paused = false;
  /** Whether the server has the member, as far as it said. */
  present = false;

  constructor(topic: string, host: LaneHost) {
    this.#topic = topic;
    this.#host = host;
  }

  /** Whether nothing is being said. */
  get idle(): boolean {
    return !this.#busy;
  }

  /** Says a heartbeat, now or together with what waits. */
  say(beat: Beat, id?: number): void {
    const before = this.#next;
    const ids = [...(before?.ids ?? []), ...(id === undefined ? [] : [id])];
    this.#next = { beat: { ...before?.beat, ...beat }, ids };
    void this.#go();
  }

  /** Leaves at once: its place in the order is after everything that was said before. */
  async leave(message: Leave & { readonly id?: number }): Promise<void> {
    const { type: _, topic: __, id, ...body } = message;
    const waiting = this.#next?.ids ?? [];
    this.#next = undefined;
    this.#leaves += 1;
    this.present = false;
    if (waiting.length > 0) {
      this.#host.refused(this.#topic, waiting, { code: "disconnected", message: "left before it was said" });
    }
    const outcome = await this.#host.requests.ask(`/${this.#topic}/leave`, body, true);
    const expired = expiry(outcome);
    if (expired) {
      this.#farewell = message;
      this.#host.final(expired);
    } else {
      this.#conclude(outcome, id === undefined ? [] : [id]);
    }
  }

  /** Says again what was refused for the sake of its token. */
  resume(): void {
    const farewell = this.#farewell;
    this.#farewell = undefined;
    this.#paused = false;
    if (farewell) void this.leave(farewell);
    void this.#go();
  }

  async #go(): Promise<void> {
    const said = this.#next;
    if (this.#busy || this.#paused || said === undefined) return;
    this.#next = undefined;
    this.#busy = true;
    const schema = this.#compared ? undefined : this.#host.contract(this.#topic);
    const body = schema === undefined ? said.beat : { ...said.beat, schema };
    const leaves = this.#leaves;
    const outcome = await this.#host.requests.ask(`/${this.#topic}/heartbeat`, body);
    this.#busy = false;
    const expired = expiry(outcome);
    if (expired) {
      if (leaves === this.#leaves) this.#putBack(said);
      this.#paused = true;
      this.#host.final(expired);
      return;
    }
    if (outcome.type === "done") {
      this.#compared = true;
      this.present ||= said.beat.value !== undefined && leaves === this.#leaves;
    } else if (outcome.type === "refused") {
      this.present &&= outcome.fault.code !== "not_present";
    }
    this.#conclude(outcome, said.ids);
    void this.#go();
  }

  /** It was not heard: it goes in one with what was said meanwhile. */
  #putBack({ beat, ids }: { readonly beat: Beat; readonly ids: readonly number[] }): void {
    const next = this.#next;
    this.#next = { beat: { ...beat, ...next?.beat }, ids: [...ids, ...(next?.ids ?? [])] };
  }

  #conclude(outcome: Outcome, ids: readonly number[]): void {
    if (outcome.type === "done") this.#host.done(this.#topic, ids, outcome.body);
    else if (outcome.type === "refused") this.#host.refused(this.#topic, ids, outcome.fault);
    else this.#host.lost();
  }
}

/** What the server says when another token is all it takes. */
function expiry(outcome: Outcome): Fault | undefined {
  return outcome.type === "refused" && outcome.fault.code === "token_expired" ? outcome.fault : undefined;
}
