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
