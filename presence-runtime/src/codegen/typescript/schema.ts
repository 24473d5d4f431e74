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

/** The most violations that are reported at once. */
const MOST = 16;
/** The most objects and arrays that stand inside each other. */
const MAX_DEPTH = 16;
/** The most characters that are repeated of what came. */
const MAX_FOUND = 64;

/** What may be sent somewhere. */
export class Schema<Input> {
  /** @internal Reports what is wrong with a value. */
  readonly look: (walk: Walk, value: unknown) => void;
  readonly #expected: string | (() => string);

  constructor(expected: string | (() => string), look: (walk: Walk, value: unknown) => void) {
    this.#expected = expected;
    this.look = look;
  }

  /** What is asked for, in words. */
  get expected(): string {
    return typeof this.#expected === "string" ? this.#expected : this.#expected();
  }

  /** Everything that is wrong with a value, at most 16 things; nothing when it may be sent. */
  judge(value: unknown): Violation[] {
    return this.#walk(value).map(({ keys: _, ...violation }) => violation);
  }

  get "~standard"(): Standard<Input> {
    const validate = (value: unknown): Valid<Input> | Refused => {
      const found = this.#walk(value);
      if (found.length === 0) return { value: value as Input };
      const issues = found.map((it) => ({
        message: `expected ${it.expected}, found ${it.found}`,
        path: it.keys,
      }));
      return { issues };
    };
    return { version: 1, vendor: "presence", validate };
  }

  #walk(value: unknown): Found[] {
    const walk = new Walk();
    walk.see(this, value);
    // Only what is wrong elsewhere too can be too deep.
    if (walk.found.length === 0) return [];
    const deep = new Walk();
    deep.fathom(value);
    return [...deep.found, ...walk.found].slice(0, MOST);
  }
}

/** A schema of objects with known keys. */
export class Struct<Input> extends Schema<Input> {
  /** @internal */
  readonly fields: Fields;

  constructor(fields: Fields) {
    super("an object", (walk, value) => walk.struct(value, fields));
    this.fields = fields;
  }
}

/** A field that may be left out. */
export interface Optional<Input> {
  readonly optional: Schema<Input>;
}

/** What a variant carries that carries nothing. */
export const unit = "unit";

/** A field that only the server sets. */
export const server = "server";

/** An id, which is no other id. Any value of its kind may be one; which ones are, the schema says. */
export type Brand<Kind, Name extends string> = Kind & { readonly "~brand"?: Name };

type Fields = { readonly [key: string]: Schema<unknown> | Optional<unknown> | typeof server };
type Variants = { readonly [key: string]: Schema<unknown> | typeof unit };
type Structs = { readonly [key: string]: Struct<unknown> | typeof unit };

/** What a schema takes. */
type Of<S> = S extends Schema<infer Input> | Optional<infer Input> ? Input : never;

type StructOf<F extends Fields> = {
  [Key in keyof F as F[Key] extends Schema<unknown> ? Key : never]: Of<F[Key]>;
} & {
  [Key in keyof F as F[Key] extends Optional<unknown> ? Key : never]?: Of<F[Key]>;
};

type TupleOf<Items extends readonly Schema<unknown>[]> = { -readonly [I in keyof Items]: Of<Items[I]> };

type VariantsOf<V extends Variants> = {
  [Key in keyof V]: V[Key] extends typeof unit ? Key : { [K in Key]: Of<V[Key]> };
}[keyof V];

type TaggedOf<Tag extends string, V extends Structs> = {
  [Key in keyof V]: { [K in Tag]: Key } & (V[Key] extends typeof unit ? unknown : Of<V[Key]>);
}[keyof V];

type AdjacentOf<Tag extends string, Content extends string, V extends Variants> = {
  [Key in keyof V]: { [K in Tag]: Key } & (V[Key] extends typeof unit
    ? unknown
    : { [K in Content]: Of<V[Key]> });
}[keyof V];

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

/** The value or `null`. */
// @__NO_SIDE_EFFECTS__
export function nullable<Input>(inner: Schema<Input>): Schema<Input | null> {
  return new Schema(() => `${inner.expected} or null`, (walk, value) => {
    if (value !== null) walk.orNull(inner, value);
  });
}

/** An array. */
// @__NO_SIDE_EFFECTS__
export function list<Input>(
  item: Schema<Input>,
  { maxItems: max }: { maxItems?: number } = {},
): Schema<Array<Input>> {
  const schema: Schema<Array<Input>> = new Schema(`an array${atMost(max)}`, (walk, value) => {
    if (!Array.isArray(value)) return walk.wrongType(schema, value);
    walk.count(value, value.length, 0, max);
    for (let i = 0; i < value.length && !walk.isFull; i += 1) walk.at(i, () => walk.see(item, value[i]));
  });
  return schema;
}

/** An array with one item of each of these. */
// @__NO_SIDE_EFFECTS__
export function tuple<const Items extends readonly Schema<unknown>[]>(...items: Items): Schema<TupleOf<Items>> {
  const count = items.length;
  const schema: Schema<TupleOf<Items>> = new Schema(`an array of ${plural(count, "item")}`, (walk, value) => {
    if (!Array.isArray(value)) return walk.wrongType(schema, value);
    walk.count(value, value.length, count, count);
    items.slice(0, value.length).forEach((item, i) => walk.at(i, () => walk.see(item, value[i])));
  });
  return schema;
}

/** An object with any keys; `__proto__` is none, because what it means depends on who reads it. */
// @__NO_SIDE_EFFECTS__
export function map<Input>(
  item: Schema<Input>,
  { maxItems: max, ...rules }: Text & { maxItems?: number } = {},
): Schema<{ [key in string]: Input }> {
  const schema: Schema<{ [key in string]: Input }> = new Schema(`an object${atMost(max)}`, (walk, value) => {
    if (!isObject(value)) return walk.wrongType(schema, value);
    const keys = keysOf(value);
    walk.count(value, keys.length, 0, max);
    for (const key of keys) {
      if (walk.isFull) return;
      walk.at(key, () => {
        if (key === "__proto__") return walk.report("unknown", "another key", `the key \`${key}\``);
        walk.text(key, rules);
        walk.see(item, value[key]);
      });
    }
  });
  return schema;
}

/** What is not there yet: the type that this stands in, once more. */
// @__NO_SIDE_EFFECTS__
export function again<Input>(schema: () => Schema<Input>): Schema<Input> {
  return new Schema(
    () => schema().expected,
    (walk, value) => schema().look(walk, value),
  );
}

/** A field that may be left out. */
// @__NO_SIDE_EFFECTS__
export function optional<Input>(schema: Schema<Input>): Optional<Input> {
  return { optional: schema };
}

/** An object with these fields and no others. */
// @__NO_SIDE_EFFECTS__
export function struct<const F extends Fields>(fields: F): Struct<StructOf<F>> {
  return new Struct(fields);
}

/** One of these strings. */
// @__NO_SIDE_EFFECTS__
export function oneOf<const Keys extends readonly string[]>(...keys: Keys): Schema<Keys[number]> {
  return variants(Object.fromEntries(keys.map((key) => [key, unit]))) as Schema<Keys[number]>;
}

/** `"variant"` where it carries nothing, else `{ variant: content }`. */
// @__NO_SIDE_EFFECTS__
export function variants<const V extends Variants>(variants: V): Schema<VariantsOf<V>> {
  const expected = oneNameOf(variants);
  return new Schema(expected, (walk, value) => {
    const names = isObject(value) ? keysOf(value) : [value];
    const [name] = names;
    if (names.length !== 1) return walk.report("type", "one key, the variant", print(value, walk.depth));
    if (typeof name !== "string") return walk.report("type", expected, print(value, walk.depth));
    const content = own(variants, name);
    if (content === undefined) walk.report("variant", expected, print(value, walk.depth));
    else if (content === unit) {
      if (name !== value) walk.report("type", `the string "${name}"`, print(value, walk.depth));
    } else if (name === value) {
      walk.report("type", `an object with the key \`${name}\``, print(value));
    } else {
      walk.at(name, () => walk.see(content, (value as Entries)[name]));
    }
  });
}

/** `{ tag: "variant", …content }` */
// @__NO_SIDE_EFFECTS__
export function tagged<const Tag extends string, const V extends Structs>(
  tag: Tag,
  variants: V,
): Schema<TaggedOf<Tag, V>> {
  const schema: Schema<TaggedOf<Tag, V>> = new Schema(whose(tag, variants), (walk, value) => {
    if (!isObject(value)) return walk.wrongType(schema, value);
    const content = walk.tag(value, tag, variants);
    if (content) walk.fields(value, content === unit ? {} : content.fields, tag);
  });
  return schema;
}

/** `{ tag: "variant", content: content }` */
// @__NO_SIDE_EFFECTS__
export function adjacent<const Tag extends string, const Content extends string, const V extends Variants>(
  tag: Tag,
  content: Content,
  variants: V,
): Schema<AdjacentOf<Tag, Content, V>> {
  const schema: Schema<AdjacentOf<Tag, Content, V>> = new Schema(whose(tag, variants), (walk, value) => {
    if (!isObject(value)) return walk.wrongType(schema, value);
    const carried = walk.tag(value, tag, variants);
    if (!carried) return;
    const fields = carried === unit ? {} : { [content]: carried };
    walk.fields(value, fields, tag, [tag, ...Object.keys(fields)]);
  });
  return schema;
}

type Entries = Readonly<Record<string, unknown>>;

/** A violation, with the keys that lead to it. */
interface Found extends Violation {
  readonly keys: ReadonlyArray<string | number>;
  expected: string;
}

/** A walk over a value, which gathers what is wrong with it. */
class Walk {
  readonly found: Found[] = [];
  #keys: ReadonlyArray<string | number> = [];

  get depth(): number {
    return this.#keys.length;
  }

  get isFull(): boolean {
    return this.found.length >= MOST;
  }

  at(key: string | number, look: () => void): void {
    const keys = this.#keys;
    this.#keys = [...keys, key];
    look();
    this.#keys = keys;
  }

  report(rule: Rule, expected: string, found: string): void {
    if (this.isFull) return;
    const keys = this.#keys;
    const path = keys.map((key) => `/${escaped(cut(String(key)))}`).join("");
    this.found.push({ path, rule, expected, found: cut(found), keys });
  }

  wrongType({ expected }: Schema<unknown>, value: unknown): void {
    this.report("type", expected, print(value, this.depth));
  }

  see(schema: Schema<unknown>, value: unknown): void {
    // What is too deep is reported as that alone.
    if (this.depth < MAX_DEPTH || !isNested(value)) schema.look(this, value);
  }

  /** Whoever gets the type wrong learns that null is welcome too. */
  orNull(inner: Schema<unknown>, value: unknown): void {
    const before = this.found.length;
    this.see(inner, value);
    const first = this.found[before];
    const isHere = first?.rule === "type" && first.keys === this.#keys;
    if (isHere && !first.expected.endsWith(" or null")) first.expected += " or null";
  }

  range(value: number, min: number, max: number, expected: string): void {
    if (value < min) this.report("min", expected, print(value));
    else if (value > max) this.report("max", expected, print(value));
  }

  struct(value: unknown, fields: Fields): void {
    if (isObject(value)) this.fields(value, fields);
    else this.report("type", "an object", print(value, this.depth));
  }

  text(value: string, rules: Text): void {
    const { minChars: min = 0, maxChars: max = Number.POSITIVE_INFINITY, pattern } = rules;
    const count = length(value);
    const found = () => `${plural(count, "character")}: ${print(value)}`;
    if (count < min) this.report("minChars", `at least ${plural(min, "character")}`, found());
    if (count > max) this.report("maxChars", `at most ${plural(max, "character")}`, found());
    const control = CONTROL.exec(value)?.[0];
    if (control !== undefined) {
      const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      const expected = "no control characters but tab, line feed and carriage return";
      this.report("control", expected, `U+${code} in ${print(value)}`);
    }
    if (HALF_A_PAIR.test(value)) this.report("json", "no half of a surrogate pair", print(value));
    if (pattern && !pattern.test(value)) {
      const source = pattern.source.replaceAll("\\/", "/");
      this.report("pattern", `a string that matches ${source}`, print(value));
    }
  }

  /** How many items or entries there are: exactly so many where there is a least number. */
  count(value: unknown, count: number, min: number, max: number = Number.POSITIVE_INFINITY): void {
    if (count >= min && count <= max) return;
    const rule = count < min ? "minItems" : "maxItems";
    const expected = `${min > 0 ? "" : "at most "}${plural(max, "item")}`;
    this.report(rule, expected, `${plural(count, "item")}: ${print(value, this.depth)}`);
  }

  /** The entries of an object beside the fields it should have; an enum's tag is no field. */
  fields(value: Entries, fields: Fields, tag?: string, known: readonly string[] = sent(fields)): void {
    const keys = keysOf(value).filter((key) => key !== tag);
    for (const key of keys) {
      if (this.isFull) return;
      const field = own(fields, key);
      this.at(key, () => {
        if (field === server) {
          this.report("server", "nothing: the server sets this field", print(value[key], this.depth));
        } else if (field) this.see(field instanceof Schema ? field : field.optional, value[key]);
        else this.report("unknown", knownKey(key, known), `the key \`${key}\``);
      });
    }
    for (const [key, field] of Object.entries(fields)) {
      if (field instanceof Schema && !keys.includes(key)) this.missing(key, field.expected);
    }
  }

  /** What the variant carries that an object's tag names, when it names one. */
  tag<Content>(value: Entries, tag: string, variants: Readonly<Record<string, Content>>): Content | undefined {
    const name = own(value, tag);
    const names = oneNameOf(variants);
    if (name === undefined) {
      this.missing(tag, names);
      return undefined;
    }
    const content = typeof name === "string" ? own(variants, name) : undefined;
    const rule = typeof name === "string" ? "variant" : "type";
    if (content === undefined) this.at(tag, () => this.report(rule, names, print(name, this.depth)));
    return content;
  }

  missing(key: string, expected: string): void {
    this.at(key, () => this.report("required", expected, "nothing"));
  }

  /** Reports what stands too deep. */
  fathom(value: unknown): void {
    if (!isNested(value) || this.isFull) return;
    if (this.depth === MAX_DEPTH) {
      return this.report("depth", "at most 16 objects and arrays inside each other", "one more");
    }
    if (Array.isArray(value)) value.forEach((item, i) => this.at(i, () => this.fathom(item)));
    else for (const key of keysOf(value)) this.at(key, () => this.fathom(value[key]));
  }
}

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

function atMost(max?: number): string {
  return max === undefined ? "" : ` of at most ${plural(max, "item")}`;
}

function range({ min, max }: { min?: number; max?: number }): string {
  if (min === undefined) return max === undefined ? "" : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

function phrase({ minChars: min, maxChars: max }: Text): string {
  if (max === undefined) return min === undefined ? "a string" : `a string of at least ${plural(min, "character")}`;
  return `a string of ${min === undefined ? "at most" : `${min} to`} ${plural(max, "character")}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function whose(tag: string, variants: object): string {
  return `an object whose \`${tag}\` is ${oneNameOf(variants)}`;
}

function oneNameOf(variants: object): string {
  const names = Object.keys(variants);
  return names.length === 1 ? `\`${names[0]}\`` : `one of ${enumerated(names)}`;
}

/** What could have been meant by a key that nobody knows. */
function knownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant !== undefined) return `the key \`${meant}\``;
  if (known.length === 0) return "no further key";
  return known.length === 1 ? `only the key \`${known[0]}\`` : `one of the keys ${enumerated(known)}`;
}

/** A long list is cut, for nobody reads it in an error. */
function enumerated(names: readonly string[]): string {
  const shown = names.slice(0, 16).map((name) => `\`${name}\``);
  return shown.join(", ") + (names.length > 16 ? ", …" : "");
}

/** The known key nearest to the unknown one, when it is near enough to be meant. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const count = length(key);
  // Longer keys are no typing mistakes.
  if (count > 32) return undefined;
  let near = Math.ceil(Math.max(count, 3) / 3) + 1;
  let meant: string | undefined;
  for (const it of known) {
    const far = distance(key, it);
    if (far < near) [near, meant] = [far, it];
  }
  return meant;
}

/** How many characters must be put in, taken out or replaced, case aside. */
function distance(one: string, other: string): number {
  const b = letters(other);
  const row = [0, ...b.map((_, j) => j + 1)];
  letters(one).forEach((x, i) => {
    let corner = row[0] ?? 0;
    row[0] = i + 1;
    b.forEach((y, j) => {
      const replaced = corner + Number(x !== y);
      corner = row[j + 1] ?? 0;
      row[j + 1] = Math.min(replaced, corner + 1, (row[j] ?? 0) + 1);
    });
  });
  return row[b.length] ?? 0;
}

function letters(text: string): string[] {
  return Array.from(text).flatMap((c) => Array.from(c.toLowerCase()));
}
