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
