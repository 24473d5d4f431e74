import { PresenceError } from "./error.js";
import type { Detail, ErrorCode } from "./error.js";

/** How deep a value may be nested, as the server has it. */
const MAX_DEPTH = 16;
/** What the server takes in strings: no control characters but tab and line breaks, no half pairs. */
const ILL_FORMED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Surrogate}/u;

/**
 * Checks what can be known of any value without its schema: that it is JSON, and not too long.
 * Returns it as JSON will carry it, which what the caller does with the value later cannot change.
 *
 * @throws {PresenceError} `invalid_value` or `too_large`
 */
export function check(value: unknown, maxBytes: number): unknown {
  const details: Detail[] = [];
  walk(value, "", 0, details);
  if (details[0]) throw refused("invalid_value", "the value is no JSON that can be sent", details);

  const json = JSON.stringify(value);
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > maxBytes) {
    const expected = `at most ${maxBytes} bytes of JSON`;
    const detail = { path: "", rule: "maxBytes", expected, found: `${bytes} bytes` };
    throw refused("too_large", "the value is too large", [detail]);
  }
  return JSON.parse(json);
}

function walk(value: unknown, path: string, depth: number, details: Detail[]): void {
  const wrong = (rule: string, expected: string, found: string) =>
    void details.push({ path, rule, expected, found: found.slice(0, 64) });

  if (depth > MAX_DEPTH) return wrong("depth", `at most ${MAX_DEPTH} levels`, "more");
  switch (typeof value) {
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) wrong("type", "a finite number", String(value));
      return;
    case "string":
      if (ILL_FORMED.test(value)) {
        wrong("control", "no control characters and no half surrogate pairs", JSON.stringify(value));
      }
      return;
    case "object":
      if (value === null) return;
      if (Array.isArray(value)) {
        value.forEach((item, i) => walk(item, `${path}/${i}`, depth + 1, details));
        return;
      }
      for (const [key, item] of Object.entries(value)) {
        // Left out of JSON, so as good as absent.
        if (item === undefined) continue;
        walk(item, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, depth + 1, details);
      }
      return;
    default:
      wrong("type", "JSON", typeof value);
  }
}

function refused(code: ErrorCode, message: string, details: readonly Detail[]): PresenceError {
  const first = details[0];
  if (first === undefined) return new PresenceError({ code, message });
  const where = `${first.path || "the value"}: expected ${first.expected}, found ${first.found}`;
  return new PresenceError({ code, message: `${message}: ${where}`, details });
}
