import { PresenceError } from "./error.js";

const SEGMENT = /^[A-Za-z0-9_.~@-]{1,128}$/;

/**
 * The topic that a pattern and its parameters name.
 *
 * @throws {PresenceError} `invalid_topic` when a parameter is missing or no segment of a topic.
 */
export function topicName(
  pattern: string,
  parameters: Readonly<Record<string, string | number>> = {},
): string {
  return pattern.replace(/\{([^}]*)\}/g, (_, name: string) => {
    const text = Object.hasOwn(parameters, name) ? String(parameters[name]) : "";
    if (!SEGMENT.test(text)) {
      const asked = "1 to 128 of A-Z a-z 0-9 _ . ~ @ -";
      const message = `\`${name}\` of \`${pattern}\`: expected ${asked}, found ${JSON.stringify(text)}`;
      throw new PresenceError({ code: "invalid_topic", message });
    }
    return text;
  });
}
