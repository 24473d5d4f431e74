/** Kinds of topics: what their descriptor says of values and figures, as the server keeps it. */

import type { AnyTopic } from "../../descriptor.js";
import type { Detail } from "../../error.js";
import type { Mismatch } from "../../wire.js";
import type { Value } from "../topic/entry.js";
import { Rate } from "../topic/pace.js";
import type { Figures } from "../topic/topic.js";
import { Refused, invalid } from "../wire/fault.js";
import { utf8Length } from "../wire/frames.js";
import { isObject } from "../wire/shape.js";

/** A topic type with its figures, as `generated/` has it. Spread it to change some: `{ ...cursor, ttlMs: 1_000 }`. */
export interface ServedTopic extends AnyTopic {
  /** How long an entry lives after its last heartbeat over HTTP. */
  readonly ttlMs: number;
  /** The longest ttl a heartbeat may ask for. */
  readonly maxTtlMs: number;
  /** The most bytes a value may have as JSON. */
  readonly maxBytes: number;
  /** The most members a topic may have. Defaults to 10,000. */
  readonly maxMembers?: number;
}

/** What a client says of a contract it was generated from. */
export interface Known {
  readonly fingerprint: string;
  readonly version?: number;
  readonly fields: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** A kind of topics. */
export class Kind {
  readonly type: ServedTopic;
  readonly figures: Figures;
  /** The fields that the server sets. */
  readonly stamped: readonly string[];
  readonly #keys: readonly string[] | undefined;

  constructor(type: ServedTopic, valuesPerSecond: number) {
    this.type = type;
    const decays = Object.entries(type.decays).flatMap(([field, ms]) => (ms === undefined ? [] : [[field, ms] as const]));
    this.figures = {
      maxTtlMs: type.maxTtlMs,
      graceMs: type.graceMs,
      maxMembers: type.maxMembers ?? 10_000,
      decays: Object.fromEntries(decays),
      values: new Rate(valuesPerSecond),
    };
    const { fields } = type.schema as { readonly fields?: Fields };
    this.#keys = fields && Object.keys(fields);
    this.stamped = Object.entries(fields ?? {}).flatMap(([key, it]) => (it === "server" ? [key] : []));
  }

  /**
   * Judges what was sent, as the emitted validator does, and makes it a value.
   *
   * @throws Refused `invalid_value` with everything that is wrong, `too_large`
   */
  value(input: unknown, flaws: readonly Detail[], stamps: Fields): Value {
    const found = [...flaws, ...(flaws.some((it) => it.rule === "json") ? [] : this.type.schema.judge(input))];
    if (found.length > 0) throw invalid("value", found.slice(0, 16));
    const value = this.stamp(this.#valueOf(input), stamps);
    const { maxBytes } = this.type;
    const bytes = utf8Length(value.json);
    if (bytes > maxBytes) {
      const detail = {
        path: "",
        rule: "maxBytes",
        expected: `at most ${maxBytes} bytes of canonical JSON`,
        found: `${bytes} bytes`,
      };
      throw new Refused("too_large", "the value is too large", { details: [detail] });
    }
    return value;
  }

  /** The same value with the fields that the server sets as they are known by now. */
  stamp(value: Value, stamps: Fields): Value {
    if (this.stamped.length === 0) return value;
    const known = this.stamped.map((key) => {
      if (Object.hasOwn(stamps, key)) return [key, stamps[key]] as const;
      if (Object.hasOwn(this.type.defaults, key)) return [key, this.type.defaults[key]] as const;
      throw new Refused("forbidden", `the server sets \`${key}\`, and nothing is known of it: \`authenticate\` has to say it`);
    });
    return this.#valueOf({ ...(JSON.parse(value.json) as Fields), ...Object.fromEntries(known) });
  }

  /** How what a client knows differs from this contract; nothing when it does not. */
  mismatch(theirs: Known): Mismatch | undefined {
    const { name, fingerprint, version, fields: ours } = this.type;
    if (theirs.fingerprint === fingerprint) return undefined;
    const added = Object.keys(theirs.fields).filter((it) => !Object.hasOwn(ours, it)).sort();
    const missing = Object.keys(ours).filter((it) => !Object.hasOwn(theirs.fields, it));
    const both = theirs.version !== undefined && version !== undefined && theirs.version !== version;
    const guess = added.length > 0 && missing.length === 0 ? "server" : "client";
    const older = both ? (Number(theirs.version) < Number(version) ? "client" : "server") : guess;
    const [onlyOurs, onlyTheirs] = older === "client" ? (["added", "removed"] as const) : (["removed", "added"] as const);
    if (Object.keys(theirs.fields).length === 0) return { schema: name, older, fields: [] };
    const fields = Object.keys(ours).sort().flatMap((field): Mismatch["fields"] => {
      if (!Object.hasOwn(theirs.fields, field)) return [{ field, change: onlyOurs }];
      return theirs.fields[field] === ours[field] ? [] : [{ field, change: "changed" }];
    });
    return { schema: name, older, fields: [...fields, ...added.map((field) => ({ field, change: onlyTheirs }))] };
  }

  /** Every key in its order and at its default where it was left out, as the runtime writes it. */
  #valueOf(input: unknown): Value {
    const { defaults, decays } = this.type;
    const has = (key: string) => isObject(input) && Object.hasOwn(input, key) && input[key] !== undefined;
    const of = (key: string) => (has(key) ? (input as Fields)[key] : defaults[key]);
    const canonical = this.#keys ? Object.fromEntries(this.#keys.map((key) => [key, of(key)])) : input;
    const differs = (key: string) => JSON.stringify(of(key)) !== JSON.stringify(defaults[key]);
    const decaying = Object.keys(decays).filter((key) => has(key) && differs(key));
    return {
      json: JSON.stringify(canonical),
      decaying,
      decayed: (fields) => {
        const fallen = fields.map((key) => [key, defaults[key]] as const);
        return this.#valueOf({ ...(canonical as Fields), ...Object.fromEntries(fallen) });
      },
    };
  }
}
