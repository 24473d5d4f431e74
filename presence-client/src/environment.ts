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
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** What the client uses of a `WebSocket`: a browser's fits, and so do those of packages. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** What the client asks over HTTP; a `RequestInit` of a browser. */
export interface Request {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The request outlives the page. */
  readonly keepalive?: boolean;
  readonly signal?: AbortSignal;
}

/** What the client uses of a `Response`. */
export interface Reply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The bytes as they come, for an event stream. */
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}

/** What the client uses of `sessionStorage`. */
export interface SessionStore {
  getItem(key: string): string | null;
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
