import type { UserId } from "./id.js";

/** Whom the own member follows, and whether the server knows. */
export class Following {
  #users: readonly UserId[] = [];
  /** Whether the server may think that somebody is followed. */
  #said = false;

  get users(): readonly UserId[] {
    return this.#users;
  }

  /** These and nobody else. */
  set(users: readonly UserId[]): void {
    this.#users = users;
  }

  /** What an announcement says of it: an entry that outlived a connection, or that came anew, may follow others. */
  announced(): { readonly following?: readonly UserId[] } {
    if (this.#users.length === 0 && !this.#said) return {};
    this.#said = true;
    return { following: this.#users };
  }
}
