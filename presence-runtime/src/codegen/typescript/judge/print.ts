function isNested(value: unknown): value is Entries {
  return typeof value === "object" && value !== null;
}

/** What becomes of a value with `toJSON` is not known before it is sent. */
function isObject(value: unknown): value is Entries {
  return isNested(value) && !Array.isArray(value) && typeof value["toJSON"] !== "function";
}

/** The keys that JSON will have. */
function keysOf(value: Entries): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}

/** What an object itself has under a key; what every object has does not count. */
function own<Value>(of: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(of, key) ? of[key] : undefined;
}

/** The number of Unicode code points. */
function length(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function cut(text: string): string {
  const start = text.slice(0, 2 * MAX_FOUND);
  return start.length > MAX_FOUND ? Array.from(start).slice(0, MAX_FOUND).join("") : start;
}

/** A key as a JSON Pointer has it. */
function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The start of a value as JSON, which is all that is shown of it. */
function print(value: unknown, depth = 0): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "function") return "a function";
  if (!isNested(value)) return String(value);
  if (depth >= MAX_DEPTH) return "…";
  const isArray = Array.isArray(value);
  const keys = isArray ? value.keys() : keysOf(value);
  let text = "";
  for (const key of keys) {
    if (text.length > 2 * MAX_FOUND) break;
    const item = print(value[key as keyof typeof value], depth + 1);
    text += `${text && ","}${isArray ? "" : `${quoted(String(key))}:`}${item}`;
  }
  return isArray ? `[${text}]` : `{${text}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Escapes what a log or terminal must not see, which is more than JSON asks for. */
function quoted(text: string): string {
  const escape = (c: string): string =>
    ESCAPES[c] ?? (/["\\]/.test(c) ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${text.slice(0, 2 * MAX_FOUND).replace(/["\\\0-\x1f\x7f-\x9f]/g, escape)}"`;
}
