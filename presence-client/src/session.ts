/**
 * The session of a tab: a secret key and a count of messages, `n`, that only grows. Both are kept for
 * the tab, so that a reload is the same session; a duplicated tab finds the key in use and takes a
 * new one.
 */

import type { Environment, SessionStore } from "./environment.js";

/** How long a reloaded page may still hold the lock of the one before it. */
const LOCK_WAIT_MS = 300;
/** So many are taken at once, so that storage is not written for every message. */
const BLOCK = 256;
const KEY = /^[0-9a-f]{32}$/;

/** A session that this tab holds. */
export class Session {
  /** The secret: 32 hex digits. */
  readonly key: string;
  readonly #keep: (n: number) => void;
  readonly #release: () => void;
  #n: number;
  #kept: number;

  private constructor(key: string, n: number, keep: (n: number) => void, release: () => void) {
    this.key = key;
    this.#n = n;
    this.#kept = n;
    this.#keep = keep;
    this.#release = release;
  }

  /** Claims the tab's session, or a new one where that is in use. */
  static async claim(environment: Environment, name: string): Promise<Session> {
    const { storage, locks } = environment;
    const lock = (key: string) =>
      locks ? locks.take(`presence:${key}`, LOCK_WAIT_MS) : Promise.resolve(() => {});

    let { key, n } = read(storage, name);
    let release = key === undefined ? undefined : await lock(key);
    if (key === undefined || release === undefined) {
      key = environment.newKey();
      n = 0;
      release = (await lock(key)) ?? (() => {});
    }
    const taken = key;
    const keep = (n: number) => write(storage, name, `${taken} ${n}`);
    keep(n);
    return new Session(key, n, keep, release);
  }

  /** The next place in the order of this session's messages. */
  next(): number {
    this.#n += 1;
    if (this.#n > this.#kept) {
      this.#kept = this.#n + BLOCK;
      this.#keep(this.#kept);
    }
    return this.#n;
  }

  /** Lets another tab have it. */
  release(): void {
    this.#release();
  }
}

function read(storage: SessionStore | undefined, name: string): { key?: string; n: number } {
  try {
    const [key = "", n = ""] = storage?.getItem(name)?.split(" ") ?? [];
    if (KEY.test(key) && Number.isSafeInteger(Number(n))) return { key, n: Number(n) };
  } catch {
    // Storage that cannot be read is as good as none.
  }
  return { n: 0 };
}

function write(storage: SessionStore | undefined, name: string, text: string): void {
  try {
    storage?.setItem(name, text);
  } catch {
    // Full or forbidden: the session then ends with the page.
  }
}
