import type { Schema } from "./schema.js";

/**
 * A topic type as clients know it: what its values are, where its topics are, how they behave.
 *
 * `Value` is what is received, `Input` what may be sent, `Pattern` names the parameters.
 */
export interface TopicDescriptor<Value, Input = Value, Pattern extends string = string> {
  /** The type's name in schemas and routes. */
  readonly name: string;
  /** Where its topics are, such as `boards:{board}:cursors`. */
  readonly pattern: Pattern;
  /** The pattern's parameters in order. */
  readonly parameters: ReadonlyArray<ParameterName<Pattern>>;
  /** Which contract of the type this is, where its attributes count them. */
  readonly version?: number;
  /** Changes when what may be said changes; client and server compare theirs. */
  readonly fingerprint: string;
  /** The same for each field, or for each variant of an enum, so that a difference can be named. */
  readonly fields: { readonly [field: string]: string };
  /** Judges what may be sent; a Standard Schema. */
  readonly schema: Schema<Input>;
  /** How long an entry lives after its last heartbeat over HTTP, in milliseconds. */
  readonly ttlMs: number;
  /** The longest ttl a heartbeat may ask for, in milliseconds. */
  readonly maxTtlMs: number;
  /** How long a lost connection may take to come back, in milliseconds. */
  readonly graceMs: number;
  /** The shortest time between two sends of a topic, in milliseconds. */
  readonly throttleMs: number;
  /** The most bytes a value may have as JSON. */
  readonly maxBytes: number;
  /** Fields that fall back to their defaults, and how long after they were last sent, in milliseconds. */
  readonly decays: { readonly [Key in KeyOf<Input>]?: number };
  /** What fields are when they are not sent. */
  readonly defaults: { readonly [field: string]: unknown };
  /** Never there; it carries the types to {@link ValueOf} and {@link InputOf}. */
  readonly "~types"?: { readonly value: Value; readonly input: Input };
}

/** A topic type of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` is both above and below every type.
export type AnyTopic = TopicDescriptor<any, any, any>;

/** What the members of a topic are seen to say. */
export type ValueOf<Topic extends AnyTopic> = NonNullable<Topic["~types"]>["value"];

/** What a member of a topic may say. */
export type InputOf<Topic extends AnyTopic> = NonNullable<Topic["~types"]>["input"];

/** The parameters of a topic's pattern: `{ board: "42" }` for `boards:{board}:cursors`. */
export type ParametersOf<Topic extends AnyTopic> = TopicParameters<Topic["pattern"]>;

/** The parameters of a pattern. */
export type TopicParameters<Pattern extends string> = {
  readonly [Name in ParameterName<Pattern>]: string | number;
};

/** The names of a pattern's parameters. */
export type ParameterName<Pattern extends string> =
  Pattern extends `${string}{${infer Name}}${infer Rest}` ? Name | ParameterName<Rest> : never;

/** The keys of an object, also those that only some members of a union have. */
export type KeyOf<Type> = Type extends unknown ? keyof Type : never;
