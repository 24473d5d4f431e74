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
