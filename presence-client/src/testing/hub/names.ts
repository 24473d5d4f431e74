/** Names as the server reads them: topics, patterns and users. */

import { Refused } from "../wire/fault.js";
import { utf8Length } from "../wire/frames.js";

const MOST_BYTES = 256;
const RESERVED = ["ws", "users", "topics", "schemas", "changes", "openapi.json", ".", ".."];
const PARAMETER = /^[A-Za-z0-9_.~@-]{1,128}$/;

/**
 * Checks that a text is a topic's name.
 *
 * @throws Refused `invalid_topic`
 */
export function checkTopic(text: string): void {
  const refuse = (message: string) => new Refused("invalid_topic", message);
  const bytes = utf8Length(text);
  if (bytes === 0 || bytes > MOST_BYTES) throw refuse(`a topic has 1 to ${MOST_BYTES} bytes, found ${bytes}`);
  const [strange] = /[^A-Za-z0-9_.~@:-]/u.exec(text) ?? [];
  if (strange !== undefined) {
    throw refuse(`a topic's segments consist of A-Z a-z 0-9 _ . ~ @ -, found '${strange}'`);
  }
  if (text.split(":").includes("")) throw refuse("a topic's segments between colons must not be empty");
  if (RESERVED.includes(text)) throw refuse(`\`${text}\` is reserved and never a topic`);
}

/**
 * Checks that a text is a user's name.
 *
 * @throws Refused `invalid_request`
 */
export function checkUser(text: string): string {
  if (!PARAMETER.test(text)) {
    throw new Refused("invalid_request", "a user has 1 to 128 bytes of A-Z a-z 0-9 _ . ~ @ -");
  }
  return text;
}

/** The parameters of a topic of this pattern, such as `{ board: "42" }`; nothing when it is none. */
export function match(pattern: string, topic: string): Readonly<Record<string, string>> | undefined {
  const [segments, texts] = [pattern.split(":"), topic.split(":")];
  if (segments.length !== texts.length) return undefined;
  const parameters: [string, string][] = [];
  for (const [i, segment] of segments.entries()) {
    const text = texts[i] ?? "";
    const [, name] = /^\{(.*)\}$/.exec(segment) ?? [];
    if (name === undefined && segment !== text) return undefined;
    if (name !== undefined && !PARAMETER.test(text)) return undefined;
    if (name !== undefined) parameters.push([name, text]);
  }
  return Object.fromEntries(parameters);
}
