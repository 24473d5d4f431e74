/**
 * Everything the client needs of the world, so that tests can give it another one. Nothing else of the
 * client looks at a clock, a network, a page or what is stored.
 */
export interface Environment extends Timers {
  /** The wall clock in milliseconds. It may jump: it only helps to notice that the machine slept. */
  wallNow(): number;
  /** From 0 to 1. */
  random(): number;
  /** A new session key: 32 hex digits that nobody can guess. */
  newKey(): string;
  /** Opens a WebSocket. */
  connect(url: string): Socket;
  /** Asks over HTTP. Rejects when there is no answer, and when `signal` aborts. */
  fetch(url: string, request: Request): Promise<Reply>;
  /** Runs before the next frame is painted; returns whether there will be one. Absent where nothing is painted. */
  readonly frame: ((run: () => void) => boolean) | undefined;
  /** Where session keys are kept; nothing keeps them as long as the client lives. */
  readonly storage: SessionStore | undefined;
  /** Names that one tab holds at a time; nothing where the platform has no such locks. */
  readonly locks: Locks | undefined;
  /** The page around the client; nothing outside of a browser. */
  readonly page: Page | undefined;
  /** Where relative urls start. */
  readonly base: string | undefined;
  /** Tells the application of an error that nobody waits for. */
  report(error: unknown): void;
}

/** What there is need of only when something is said: `realEnvironment` of `world.ts` has it. */
export type FarEnvironment = Pick<Environment, "newKey" | "connect" | "fetch" | "storage" | "locks" | "page">;

/** What an application says of the world; the rest is as it is. */
export type Surroundings = Omit<Environment, keyof FarEnvironment> & Partial<FarEnvironment>;

/** A monotonic clock in milliseconds, and its timers. */
export interface Timers {
  /** What time it is. It never runs backwards; where it starts means nothing. */
  now(): number;
  /** Runs something once, that many milliseconds later at the earliest; returns what `clearTimeout` takes. */
  setTimeout(run: () => void, ms: number): unknown;
  /** Runs it no more. Nothing happens where it has run. */
  clearTimeout(timer: unknown): void;
}

/** What the client uses of a `WebSocket`: a browser's fits, and so do those of packages. */
export interface Socket {
  /** Called when it is open. */
  onopen: ((event: never) => void) | null;
  /** Called for each message, whose text is the event's `data`. */
  onmessage: ((event: never) => void) | null;
  /** Called once when it is over, with the event's `code` and `reason`. */
  onclose: ((event: never) => void) | null;
  /** Called when it breaks; `onclose` follows. */
  onerror: ((event: never) => void) | null;
  /** Sends a text. */
  send(text: string): void;
  /** Ends it. `code` defaults to 1000, which is in order. */
  close(code?: number): void;
}

/** What the client asks over HTTP; a `RequestInit` of a browser. */
export interface Request {
  /** What is asked: to tell something, or to do something. */
  readonly method: "GET" | "POST";
  /** The headers, a token among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; absent where there is nothing to say. */
  readonly body?: string;
  /** The request outlives the page. */
  readonly keepalive?: boolean;
  /** Ends the request, and an answer that still comes. */
  readonly signal?: AbortSignal;
}

/** What the client uses of a `Response`. */
export interface Reply {
  /** The status code, such as 200. */
  readonly status: number;
  /** The headers; their names are those of HTTP, in whatever case. */
  readonly headers: { get(name: string): string | null };
  /** The bytes as they come, for an event stream. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** All of the body. Rejects when the connection is lost before its end. */
  text(): Promise<string>;
}

/** What the client uses of `sessionStorage`. */
export interface SessionStore {
  /** What is kept by a name; nothing where nothing is. One that throws keeps nothing. */
  getItem(key: string): string | null;
  /** Keeps a text by a name, in place of the one before. */
  setItem(key: string, value: string): void;
}

/** Locks that end with the tab. */
export interface Locks {
  /** Takes a lock, waiting for it at most so long; returns what releases it, or nothing. */
  take(name: string, waitMs: number): Promise<(() => void) | undefined>;
}

/**
 * What happens to a page: input; hidden and shown; left and, from the back-forward cache, returned to;
 * frozen and resumed; the network is gone and back.
 */
export type PageEvent = "input" | "hide" | "show" | "end" | "return" | "freeze" | "resume" | "offline" | "online";

/** What a page tells about itself. */
export interface Page {
  /** Whether nobody sees it at present. */
  readonly hidden: boolean;
  /** Calls for what happens to the page until the returned function is called. */
  watch(on: (event: PageEvent) => void): () => void;
}

/** As much of the world as it is, as there is need of before anything is said. */
export function nearEnvironment(): Omit<Environment, keyof FarEnvironment> {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    random: Math.random,
    frame: typeof requestAnimationFrame === "function" ? nextFrame : undefined,
    base: typeof location === "undefined" ? undefined : location.href,
    report: (error) => {
      if (typeof reportError === "function") reportError(error);
      else console.error(error);
    },
  };
}

/** A hidden page has no frames. */
function nextFrame(run: () => void): boolean {
  const shown = typeof document === "undefined" || document.visibilityState === "visible";
  return shown && requestAnimationFrame(run) > 0;
}
