/** One end of a connection to a server: what it said, in order, as tests ask for it. */

import { sessionOf } from "../../src/testing/topic/session.js";

/** A message, without what is never twice the same. */
export type Message = Readonly<Record<string, any>>;

const PATIENCE_MS = 5_000;
let people = 0;
const sessions = new Map<string, string>();

/** Somebody that no other test knows. */
export interface Person {
  readonly key: string;
  /** What stands for their session in messages. */
  readonly id: string;
}

/** Somebody new, by a name that messages show. */
export function person(name: string): Person {
  people += 1;
  const key = (people + process.pid * 100_000 + Date.now()).toString(16).padStart(32, "0");
  sessions.set(sessionOf(key)?.id ?? "", name);
  return { key, id: name };
}

let boards = 0;
/** A parameter that no other test has. */
export function fresh(): string {
  boards += 1;
  return `b${boards}-${process.pid}`;
}

/** A socket or event stream. */
export class Wire {
  readonly #settle: (() => Promise<void>) | undefined;
  readonly #send: (text: string) => void;
  readonly #close: () => void;
  readonly #heard: Message[] = [];
  readonly #names = new Map<string, string>();
  #wake: () => void = () => {};
  /** The code it was closed with. */
  code: number | undefined;
  /** Ends it as a network does. */
  break: () => void = () => {};
  /** Everything as it came, the newest last. */
  readonly raw: string[] = [];

  constructor(settle: (() => Promise<void>) | undefined, send: (text: string) => void, close: () => void) {
    this.#settle = settle;
    this.#send = send;
    this.#close = close;
  }

  /** Says something: a message, or any text. */
  say(message: object | string): void {
    this.#send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Says `hello`, and hears that it is welcome. */
  async greet(who?: Person): Promise<Message> {
    this.say({ type: "hello", protocol: 1, ...(who && { session: who.key }) });
    return await this.next();
  }

  /** The next message. */
  async next(): Promise<Message> {
    const message = (await this.#wait(() => this.#heard.length > 0)) ? this.#heard.shift() : undefined;
    if (message === undefined) throw new Error(`nothing was said any more, closed: ${this.code ?? "no"}`);
    return message;
  }

  /** Waits for the answer to a message, which stays to be asked for. */
  async answered(id: number): Promise<void> {
    await this.#wait(() => this.#heard.some((it) => it["id"] === id));
  }

  /** Waits until all has come that the server had said, by a question that changes nothing. */
  async caughtUp(): Promise<void> {
    const id = 1_000_000 + this.raw.length;
    this.say({ type: "unsubscribe", topic: "boards:nobody:cursors", id });
    await this.answered(id);
    this.#heard.splice(this.#heard.findIndex((it) => it["id"] === id), 1);
  }

  /** The code with which it is closed. */
  async closed(): Promise<number> {
    await this.#wait(() => this.code !== undefined);
    if (this.code === undefined) throw new Error("it is still open");
    return this.code;
  }

  /** All that was said and not asked for yet. */
  rest(): Message[] {
    return this.#heard.splice(0);
  }

  close(): void {
    this.#close();
  }

  heard(text: string): void {
    this.raw.push(text);
    this.#heard.push(this.#told(JSON.parse(text)) as Message);
    this.#wake();
  }

  ended(code: number): void {
    this.code = code;
    this.#wake();
  }

  /** Hears an event stream to its end. */
  async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    const reader = body.getReader();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += decoder.decode(part.value, { stream: true });
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) this.#event(event);
      }
      this.ended(1000);
    } catch {
      this.ended(1006);
    }
  }

  #event(event: string): void {
    const fields = new Map(event.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]));
    const data = fields.get("data");
    if (data === undefined) return;
    const message = JSON.parse(data) as Message;
    if (fields.get("event") !== message["type"]) throw new Error(event);
    if (fields.get("id") !== message["at"]) throw new Error(event);
    this.heard(data);
  }

  async #wait(there: () => boolean): Promise<boolean> {
    if (this.#settle) {
      await this.#settle();
      return there();
    }
    const end = performance.now() + PATIENCE_MS;
    while (!there() && performance.now() < end) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, end - performance.now());
        this.#wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
    return there();
  }

  /** Without clocks; epochs and sessions by names of the test's own. */
  #told(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((it) => this.#told(it));
    if (typeof value === "string") return this.#named(value);
    if (typeof value !== "object" || value === null) return value;
    const clocks = ["nowMs", "joinedMs", "updatedMs"];
    const kept = Object.entries(value).filter(([key]) => !clocks.includes(key));
    return Object.fromEntries(kept.map(([key, it]) => [key, this.#told(it)]));
  }

  #named(text: string): string {
    const session = sessions.get(text);
    if (session !== undefined) return session;
    const [, epoch, sequence] = /^([89a-f][0-9a-f]{15})\.([0-9]+)$/.exec(text) ?? [];
    if (epoch === undefined) return text;
    const name = this.#names.get(epoch) ?? `epoch${this.#names.size + 1}`;
    this.#names.set(epoch, name);
    return `${name}.${sequence}`;
  }
}

/** What an answer says, without clocks and with sessions by name. */
export function told(value: unknown): any {
  const wire = new Wire(undefined, () => {}, () => {});
  wire.heard(JSON.stringify(value));
  return wire.rest()[0];
}
