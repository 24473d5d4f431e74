import type { AnyTopic } from "./descriptor.js";
import { PresenceError } from "./error.js";
import type { Contracts, Mismatch } from "./wire.js";

/** The contracts that the server has heard of on a connection: each is said once. */
export class Compared {
  readonly #names = new Set<string>();

  /** The contracts among these types that it has not heard of, which it does now; none when all. */
  news(types: Iterable<AnyTopic>): Contracts | undefined {
    const news = Array.from(types).filter(({ name }) => !this.#names.has(name));
    for (const { name } of news) this.#names.add(name);
    if (news.length === 0) return undefined;
    return Object.fromEntries(news.map((type) => [type.name, contractOf(type)]));
  }

  /** A new connection: it has heard of nothing. */
  clear(): void {
    this.#names.clear();
  }
}

/** From which contract a type was generated. */
export function contractOf({ fingerprint, version, fields }: AnyTopic): Contracts[string] {
  return { fingerprint, ...(version === undefined ? {} : { version }), fields };
}

/** A mismatch as an error, for an application that does not listen for it. */
export function mismatched({ schema, older, fields }: Mismatch): PresenceError {
  const what = fields.map((it) => `\`${it.field || "the tag"}\` was ${it.change}`).join(", ");
  const message = `\`${schema}\`: the ${older} is older${what && `: ${what}`}`;
  return new PresenceError({ code: "schema_mismatch", message });
}
