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
  /** Runs before the next frame is painted, or at once where nothing is painted; a hidden page may never. */
  readonly frame: ((run: () => void) => void) | undefined;
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

/** The world as it is. */
export function realEnvironment(): Environment {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    random: Math.random,
    newKey: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join(""),
    connect: (url) => new WebSocket(url),
    fetch: (url, request) => fetch(url, request),
    frame: typeof requestAnimationFrame === "function" ? (run) => void requestAnimationFrame(run) : undefined,
    storage: tabStorage(),
    locks: tabLocks(),
    page: typeof document === "undefined" ? undefined : new BrowserPage(),
    base: typeof location === "undefined" ? undefined : location.href,
    report: (error) => {
      if (typeof reportError === "function") reportError(error);
      else console.error(error);
    },
  };
}

function tabStorage(): SessionStore | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    // Storage is forbidden here, as in some frames.
    return undefined;
  }
}

function tabLocks(): Locks | undefined {
  // Absent where the page is not served securely.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (!locks) return undefined;
  return {
    take: (name, waitMs) =>
      new Promise((resolve) => {
        const taken = () =>
          new Promise<void>((release) => {
            resolve(release);
          });
        locks.request(name, { signal: AbortSignal.timeout(waitMs) }, taken).catch(() => {
          resolve(undefined);
        });
      }),
  };
}

class BrowserPage implements Page {
  get hidden(): boolean {
    return document.visibilityState === "hidden";
  }

  watch(on: (event: PageEvent) => void): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    document.addEventListener("visibilitychange", () => on(this.hidden ? "hide" : "show"), { signal });
    addEventListener("pagehide", () => on("end"), { signal });
    addEventListener("pageshow", (event) => event.persisted && on("return"), { signal });
    document.addEventListener("freeze", () => on("freeze"), { signal });
    document.addEventListener("resume", () => on("resume"), { signal });
    addEventListener("offline", () => on("offline"), { signal });
    addEventListener("online", () => on("online"), { signal });
    for (const type of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
      addEventListener(type, () => on("input"), { signal, passive: true, capture: true });
    }
    return () => stop.abort();
  }
}
