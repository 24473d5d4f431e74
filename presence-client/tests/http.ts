/** A world whose server is reached over HTTP, and is the test. */

import type { Reply, Request } from "../src/environment.js";
import type { Fault } from "../src/error.js";
import { PresenceClient } from "../src/index.js";
import type { ClientOptions } from "../src/index.js";
import { SESSION_KEY, World } from "./fakes.js";

/** A request that the client made. */
export interface Asked {
  readonly route: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly keepalive: boolean;
  /** Whether the client still waits for it, or reads it. */
  readonly open: boolean;
  answer(body: unknown, status?: number, headers?: Record<string, string>): void;
  refuse(fault: Fault, status?: number, headers?: Record<string, string>): void;
  /** Answers as nobody would. */
  fail(): void;
  /** Answers with an event stream, and returns what writes it. */
  stream(): Stream;
}

/** An event stream to the client. */
export interface Stream {
  say(message: { readonly type: string }): void;
  write(text: string): void;
  end(): void;
}

/** The public id of {@link SESSION_KEY}. */
export const ID = "g7j3dno6j6q54b34";

/** A world in which a test is the server, over HTTP. */
export class HttpWorld extends World {
  readonly asked: Asked[] = [];
  /** Whether what is asked is answered as when all is well. */
  helpful = true;
  /** The newest stream. */
  told: Stream | undefined;

  /** The next session key. */
  key = SESSION_KEY;

  constructor() {
    super({
      fetch: (url: string, request: Request) => this.#ask(url, request),
      newKey: () => this.key,
    });
  }

  override client(options: Partial<ClientOptions> = {}): PresenceClient {
    return super.client({ transport: "sse", ...options });
  }

  /** What was asked of a route, oldest first. */
  all(end: string): Asked[] {
    return this.asked.filter(({ route }) => route.endsWith(end));
  }

  last(end: string): Asked {
    const asked = this.all(end).at(-1);
    if (!asked) throw new Error(`nobody asked for ${end}`);
    return asked;
  }

  #ask(url: string, { body = "{}", headers, keepalive = false, signal }: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new DOMException("aborted", "AbortError"));
      if (signal?.aborted) return gone();
      signal?.addEventListener("abort", gone);
      let open = true;
      signal?.addEventListener("abort", () => (open = false));
      const asked: Asked = {
        route: url.replace("https://example.org/presence", ""),
        body: JSON.parse(body) as Record<string, unknown>,
        headers,
        keepalive,
        get open() {
          return open;
        },
        answer(answer, status = 200, more = {}) {
          open = false;
          resolve(new Response(JSON.stringify(answer), { status, headers: more }));
        },
        refuse: (error, status = 400, more = {}) => asked.answer({ error }, status, more),
        fail: () => reject(new TypeError("failed to fetch")),
        stream: () => {
          const { stream, ...writing } = writable(signal);
          resolve(new Response(stream, { headers: { "content-type": "text/event-stream" } }));
          this.told = writing;
          return writing;
        },
      };
      this.asked.push(asked);
      if (this.helpful || isGreeting(asked)) this.help(asked);
    });
  }

  /** Answers as the server does when all is well. */
  help(asked: Asked): void {
    const figures = { heartbeatMs: 10_000, throttleMs: 50, expiresInMs: 30_000 };
    if (isGreeting(asked)) asked.answer({});
    else if (asked.route === "/changes") asked.stream();
    else if (asked.route.endsWith("/leave")) asked.answer({ left: true });
    else asked.answer({ change: asked.body["value"] ? "updated" : "renewed", member: ID, version: 1, ...figures });
  }
}

function isGreeting({ route }: Asked): boolean {
  return route.startsWith("/schemas/");
}

function writable(signal: AbortSignal | undefined): Stream & { readonly stream: ReadableStream<Uint8Array> } {
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (writer = controller) });
  let over = false;
  signal?.addEventListener("abort", () => {
    if (!over) writer?.error(new DOMException("aborted", "AbortError"));
    over = true;
  });
  const write = (text: string) => void (over || writer?.enqueue(new TextEncoder().encode(text)));
  return {
    stream,
    write,
    say: (message) => write(`event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`),
    end: () => {
      if (!over) writer?.close();
      over = true;
    },
  };
}
