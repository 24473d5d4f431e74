/** Requests that exist in memory only, as a client sees them. */

import type { Reply, Request } from "../../environment.js";
import type { Hub } from "../hub/hub.js";
import { answer } from "../hub/routes.js";
import type { Answered } from "../hub/routes.js";
import type { Line, Link } from "./line.js";

/** Asks over a line. Rejects as `fetch` does: when there is no answer, and when the request is aborted. */
export function memoryFetch(line: Line, hub: () => Hub | undefined, prefix: string, url: string, request: Request): Promise<Reply> {
  return new Exchange(line, hub, prefix).ask(url, request);
}

/** A request and its answer. */
class Exchange implements Link {
  readonly #line: Line;
  readonly #hub: () => Hub | undefined;
  readonly #prefix: string;
  readonly #up: (arrive: () => void) => void;
  readonly #down: (arrive: () => void) => void;
  /** Tells the client that it is over. */
  #fail: (error: unknown) => void = () => {};
  /** Tells the server. */
  #hangUp: () => void = () => {};
  #over = false;

  constructor(line: Line, hub: () => Hub | undefined, prefix: string) {
    this.#line = line;
    this.#hub = hub;
    this.#prefix = prefix;
    this.#up = line.pipe();
    this.#down = line.pipe();
    line.add(this);
  }

  ask(url: string, request: Request): Promise<Reply> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const abort = () => {
        this.#up(() => this.#hangUp());
        this.#end(signal?.reason);
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.#up(() => {
        if (this.#over) return;
        const answered = this.#answer(url, request);
        const lets = answered !== undefined && (answered.open === undefined || this.#line.lets("stream"));
        if (!lets) return this.#down(() => this.broken());
        const { body, ended } = this.#body(answered, signal);
        this.#down(() => {
          if (this.#over) return;
          if (answered.open === undefined) this.#finish();
          resolve(reply(answered, body, ended));
        });
      });
    });
  }

  broken(): void {
    this.#hangUp();
    this.#end(new TypeError("fetch failed"));
  }

  #answer(url: string, { method, headers, body = "" }: Request): Answered | undefined {
    const hub = this.#line.lets("http") ? this.#hub() : undefined;
    if (hub === undefined) return undefined;
    const { pathname, search } = new URL(url, "http://localhost");
    const below = pathname.startsWith(`${this.#prefix}/`) ? pathname.slice(this.#prefix.length + 1) : "";
    const lower = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]);
    const asked = { method, path: below, query: search.slice(1), headers: Object.fromEntries(lower) as Record<string, string>, body };
    return answer(hub, asked);
  }

  /** The bytes of an answer as they come. */
  #body({ open, body }: Answered, signal: AbortSignal | undefined): { body: ReadableStream<Uint8Array> | null; ended: Promise<string> } {
    if (open === undefined) {
      return { body: null, ended: Promise.resolve(body) };
    }
    let text = "";
    const bytes = new TextEncoder();
    let finish: (text: string) => void = () => {};
    const ended = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const fail = this.#fail;
        this.#fail = (error) => {
          fail(error);
          controller.error(error);
        };
        const write = (more: string) => {
          text += more;
          controller.enqueue(bytes.encode(more));
        };
        const end = () => {
          this.#finish();
          finish(text);
          controller.close();
        };
        this.#hangUp = open({
          write: (more) => this.#down(() => void (!this.#over && write(more))),
          end: () => this.#down(() => void (!this.#over && end())),
        });
      },
      cancel: () => {
        if (this.#over || signal?.aborted) return;
        this.#finish();
        this.#up(() => this.#hangUp());
      },
    });
    return { body: stream, ended };
  }

  #finish(): void {
    this.#over = true;
    this.#line.remove(this);
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#finish();
    this.#fail(error);
  }
}

function reply({ status, headers, body: whole }: Answered, body: ReadableStream<Uint8Array> | null, ended: Promise<string>): Reply {
  return {
    status,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    // Made when it is asked for: simulated browsers have no streams.
    get body() {
      return body ?? streamOf(whole);
    },
    text: () => ended,
  };
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (text !== "") controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}
