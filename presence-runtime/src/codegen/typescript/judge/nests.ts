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
