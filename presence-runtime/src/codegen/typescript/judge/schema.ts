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
