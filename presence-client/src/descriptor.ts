/**
 * What the client needs to know of a topic type. The constants in `generated/` fit this by their
 * structure; nothing is imported from there.
 */

import type { Detail } from "./error.js";

/** A topic type of any kind. */
export interface AnyTopic {
  /** The type's name in schemas and routes. */
  readonly name: string;
  /** Where its topics are, such as `boards:{board}:cursors`. */
  readonly pattern: string;
  /** Which contract of the type this is, where its attributes count them. */
  readonly version?: number;
  /** Changes when what may be said changes. */
  readonly fingerprint: string;
  /** The same for each field, so that a difference can be named. */
  readonly fields: { readonly [field: string]: string };
  /** Says everything that is wrong with a value that is to be sent. */
  readonly schema: { readonly judge: (value: unknown) => readonly Detail[] };
  /** How long a lost connection may take to come back, in milliseconds. */
  readonly graceMs: number;
  /** The shortest time between two sends of a topic, in milliseconds. */
  readonly throttleMs: number;
  /** Fields that fall back to their defaults, and how long after they were last sent. */
  readonly decays: { readonly [field: string]: number | undefined };
  /** What fields are when they are not sent. */
  readonly defaults: { readonly [field: string]: unknown };
  /** Never there; it carries the types. */
  readonly "~types"?: { readonly value: unknown; readonly input: unknown };
}

type Types<Topic extends AnyTopic> = NonNullable<Topic["~types"]>;

/** What the members of a topic are seen to say. */
export type ValueOf<Topic extends AnyTopic> = Types<Topic>["value"];

/** What a member of a topic may say. */
export type InputOf<Topic extends AnyTopic> = Types<Topic>["input"];

/** Some fields of what a member may say. */
export type PatchOf<Topic extends AnyTopic> = Patch<InputOf<Topic>>;

type Patch<Input> = Input extends object ? Partial<Input> : never;

/** The parameters of a topic's pattern: `{ board: "42" }` for `boards:{board}:cursors`. */
export type ParametersOf<Topic extends AnyTopic> = {
  readonly [Name in ParameterName<Topic["pattern"]>]: string | number;
};

type ParameterName<Pattern extends string> =
  Pattern extends `${string}{${infer Name}}${infer Rest}` ? Name | ParameterName<Rest> : never;

/** The parameters as an argument, which a pattern without parameters leaves out. */
export type ParameterArguments<Topic extends AnyTopic> = [ParameterName<Topic["pattern"]>] extends [never]
  ? []
  : [parameters: ParametersOf<Topic>];
