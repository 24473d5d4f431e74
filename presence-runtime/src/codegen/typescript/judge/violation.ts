/**
 * What values may be, judged as the server judges them: the same verdicts for the same reasons.
 * Each schema is a Standard Schema (https://standardschema.dev), version 1.
 */

/** One thing that is wrong with a value. */
export interface Violation {
  /** Where, as a JSON Pointer from the value; empty for the value itself. */
  readonly path: string;
  /** Which rule it breaks. */
  readonly rule: Rule;
  /** What the rule asks for. */
  readonly expected: string;
  /** At most 64 characters of what came. */
  readonly found: string;
}

/** The rules a value can break. */
export type Rule =
  | "control"
  | "depth"
  | "json"
  | "max"
  | "maxChars"
  | "maxItems"
  | "min"
  | "minChars"
  | "minItems"
  | "pattern"
  | "required"
  | "server"
  | "type"
  | "unknown"
  | "variant";

/** The part of a schema that other libraries read. */
export interface Standard<Input> {
  readonly version: 1;
  readonly vendor: "presence";
  readonly validate: (value: unknown) => Valid<Input> | Refused;
  readonly types?: { readonly input: Input; readonly output: Input };
}

/** What a value that may be sent is answered with. */
export interface Valid<Input> {
  readonly value: Input;
  readonly issues?: undefined;
}

/** What any other value is answered with. */
export interface Refused {
  readonly issues: ReadonlyArray<Issue>;
}

/** A violation as other libraries read it. */
export interface Issue {
  readonly message: string;
  readonly path: ReadonlyArray<string | number>;
}
