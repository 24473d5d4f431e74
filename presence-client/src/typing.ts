/**
 * Who is typing, as a sentence.
 *
 * @packageDocumentation
 */

/** What is said, by how many somebody is. `names` is who is named, as one text. */
export interface TypingMessages {
  /** Nobody. Defaults to nothing. */
  readonly none: string;
  /** One alone, who is named. */
  readonly one: (names: string) => string;
  /** Two or more, all of whom are named. */
  readonly several: (names: string, count: number) => string;
  /** How the others are called who are not named. */
  readonly others: (count: number) => string;
}

/** How the sentence is said. */
export interface TypingOptions {
  /** The language that joins names, such as `de`. Defaults to `en`. */
  readonly locale?: string;
  /** How many are named before the rest are counted. Defaults to 3. */
  readonly max?: number;
  /** The words. Default to English; which plural is needed `Intl.PluralRules` knows. */
  readonly messages?: Partial<TypingMessages>;
}

const ENGLISH: TypingMessages = {
  none: "",
  one: (names) => `${names} is typing`,
  several: (names) => `${names} are typing`,
  others: (count) => (count === 1 ? "1 other" : `${count} others`),
};

/**
 * "Ann is typing", "Ann and Bo are typing", "Ann, Bo, and 3 others are typing", or nothing.
 *
 * @example
 * const names = chat.value().users
 *   .filter((it) => it.members.some((member) => member.value.typing))
 *   .map((it) => it.user);
 * typing(names);
 * typing(names, {
 *   locale: "de",
 *   messages: { one: (it) => `${it} schreibt`, several: (it) => `${it} schreiben`, others: (n) => `${n} weitere` },
 * });
 */
export function typing(names: readonly string[], { locale = "en", max = 3, messages }: TypingOptions = {}): string {
  const said = { ...ENGLISH, ...messages };
  const [first] = names;
  if (first === undefined) return said.none;
  if (names.length === 1) return said.one(first);
  // A single one who is not named would take as much room as the name.
  const named = names.length > max ? names.slice(0, Math.max(1, max - 1)) : names;
  const rest = names.length - named.length;
  const all = rest > 0 ? [...named, said.others(rest)] : named;
  return said.several(new Intl.ListFormat(locale, { type: "conjunction" }).format(all), names.length);
}
