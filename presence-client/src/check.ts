import type { AnyTopic } from "./descriptor.js";
import { PresenceError } from "./error.js";

/**
 * Judges a value as the server will. Returns it as JSON will carry it, which what the caller does
 * with the value later cannot change.
 *
 * @throws {PresenceError} `invalid_value` with everything that is wrong
 */
export function check(value: unknown, { schema }: AnyTopic): unknown {
  const details = schema.judge(value);
  if (details.length > 0) {
    const wrong = details.map(
      (it) => `${it.path || "the value"}: expected ${it.expected}, found ${it.found}`,
    );
    const message = `invalid value: ${wrong.join("; ")}`;
    throw new PresenceError({ code: "invalid_value", message, details });
  }
  return JSON.parse(JSON.stringify(value));
}
