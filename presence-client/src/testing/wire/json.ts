/** JSON as strictly as the server reads it: what `JSON.parse` passes over is found here. */

import type { Detail } from "../../error.js";

/** A text that was read. */
export interface Read {
  readonly value: unknown;
  /** What is wrong with the text itself: keys said twice, and what no program could keep. */
  readonly flaws: readonly Detail[];
}

const TOKEN = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/g;

/** Reads a text; says what is wrong with it when it is no JSON at all. */
export function readJson(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const found = text === "" ? "nothing" : "something else";
    return { value: undefined, flaws: [{ path: "", rule: "json", expected: "JSON", found }] };
  }
  return { value, flaws: flawsOf(text) };
}

interface Level {
  readonly path: string;
  /** The keys so far; nothing in an array. */
  readonly keys: Set<string> | undefined;
  place: string | number;
  atKey: boolean;
}

/** Walks through the tokens of a text that is JSON. */
function flawsOf(text: string): Detail[] {
  const flaws: Detail[] = [];
  const levels: Level[] = [];
  const path = () => {
    const level = levels.at(-1);
    return level ? `${level.path}/${String(level.place).replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
  };
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "{") levels.push({ path: path(), keys: new Set(), place: "", atKey: true });
    else if (token === "[") levels.push({ path: path(), keys: undefined, place: 0, atKey: false });
    else if (token === "}" || token === "]") levels.pop();
    else if (token === "," && level) {
      if (level.keys) level.atKey = true;
      else level.place = Number(level.place) + 1;
    } else if (token === ":" && level) level.atKey = false;
    else if (level?.keys && level.atKey) {
      level.place = JSON.parse(token) as string;
      if (level.keys.has(level.place)) {
        flaws.push({ path: path(), rule: "duplicate", expected: "the key once", found: `${token} again` });
      }
      level.keys.add(level.place);
    } else if (isUnkeepable(token)) {
      flaws.push({ path: path(), rule: "json", expected: "JSON", found: token.slice(0, 64) });
    }
  }
  return flaws;
}

/** Halves of characters, and numbers beyond all that there are. */
function isUnkeepable(token: string): boolean {
  const value: unknown = JSON.parse(token);
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "string" && /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value);
}
