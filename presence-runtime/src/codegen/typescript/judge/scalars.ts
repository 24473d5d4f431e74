/** `true` or `false`. */
export const boolean: Schema<boolean> = new Schema("true or false", (walk, value) => {
  if (typeof value !== "boolean") walk.wrongType(boolean, value);
});

/** A whole number. */
// @__NO_SIDE_EFFECTS__
export function integer({ min, max }: { min: number; max: number }): Schema<number> {
  const schema: Schema<number> = new Schema(`an integer from ${min} to ${max}`, (walk, value) => {
    if (!Number.isInteger(value)) walk.wrongType(schema, value);
    else walk.range(value as number, min, max, schema.expected);
  });
  return schema;
}

/** A number. */
// @__NO_SIDE_EFFECTS__
export function number(bounds: { min?: number; max?: number } = {}): Schema<number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
  const schema: Schema<number> = new Schema(`a number${range(bounds)}`, (walk, value) => {
    if (!Number.isFinite(value)) walk.wrongType(schema, value);
    else walk.range(value as number, min, max, schema.expected);
  });
  return schema;
}

/** A number that a 32-bit float can hold, if not exactly. */
// @__NO_SIDE_EFFECTS__
export function float(bounds: { min?: number; max?: number } = {}): Schema<number> {
  const { expected, look } = number(bounds);
  return new Schema(expected, (walk, value) => {
    const float = Number.isFinite(value) ? (value as number) : 0;
    if (float > MAX_FLOAT) walk.report("max", `a 32-bit float, at most ${FLOAT}`, print(value));
    else if (float < -MAX_FLOAT) walk.report("min", `a 32-bit float, at least -${FLOAT}`, print(value));
    else look(walk, value);
  });
}

const MAX_FLOAT = 3.4028235e38;
const FLOAT = "3.4028235e38";

/** What may be asked of a string, or of the keys of a map. */
export interface Text {
  /** Fewest Unicode code points. */
  readonly minChars?: number;
  /** Most Unicode code points. */
  readonly maxChars?: number;
  /** What must match somewhere in it. */
  readonly pattern?: RegExp;
}

/** A string. */
// @__NO_SIDE_EFFECTS__
export function string(rules: Text = {}): Schema<string> {
  const schema: Schema<string> = new Schema(phrase(rules), (walk, value) => {
    if (typeof value === "string") walk.text(value, rules);
    else walk.wrongType(schema, value);
  });
  return schema;
}

/** A string of one Unicode code point. */
export const char: Schema<string> = new Schema("a string of 1 character", (walk, value) => {
  if (typeof value === "string") walk.text(value, { minChars: 1, maxChars: 1 });
  else walk.wrongType(char, value);
});

/** The keys of the fields that a client may send. */
function sent(fields: Fields): string[] {
  return Object.keys(fields).filter((key) => fields[key] !== server);
}

const CONTROL = /[\0-\x08\v\f\x0e-\x1f\x7f]/;
const HALF_A_PAIR = /\p{Surrogate}/u;
