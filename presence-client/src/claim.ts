import type { Environment } from "./environment.js";
import { Session } from "./session.js";

/** A session that is taken is given up for another, but not more often than this. */
const ANOTHER_MS = 60_000;

/** The session of a client, which is claimed when it is needed first. */
export class Claim {
  readonly #environment: Environment;
  readonly #name: string;
  #claimed: Promise<Session> | undefined;
  #session: Session | undefined;
  #anotherAt = Number.NEGATIVE_INFINITY;

  constructor(environment: Environment, name: string) {
    this.#environment = environment;
    this.#name = name;
  }

  /** The session, once it is claimed. */
  get session(): Session | undefined {
    return this.#session;
  }

  async get(): Promise<Session> {
    this.#claimed ??= Session.claim(this.#environment, this.#name);
    this.#session = await this.#claimed;
    return this.#session;
  }

  /** Gives the session up for a new one. Returns whether that may help: it was not tried just now. */
  another(): boolean {
    const now = this.#environment.now();
    if (now - this.#anotherAt < ANOTHER_MS) return false;
    this.#anotherAt = now;
    this.#session?.release();
    this.#claimed = Session.fresh(this.#environment, this.#name);
    return true;
  }

  /** Lets another page of the tab have it. */
  release(): void {
    void this.#claimed?.then((session) => session.release());
  }
}
