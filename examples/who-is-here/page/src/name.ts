/** Names of people: made up at first, cut to what a login may have, short and coloured in an avatar. */

/** The most characters of a name, as `Reader.name` has it. */
export const MAX_NAME = 32;

const FIRST = ["Ada", "Bela", "Cleo", "Dara", "Elif", "Femi", "Goro", "Hana", "Iris", "Jun", "Kofi", "Lena", "Mika", "Noor"];
const LAST = ["Adeyemi", "Brandt", "Castro", "Dubois", "Eklund", "Fischer", "Greco", "Haddad", "Ito", "Kowalski", "Moreau", "Silva"];

/** A name such as "Cleo Brandt". */
export function randomName(random: () => number = Math.random): string {
  const one = (of: readonly string[]) => of[Math.floor(random() * of.length)] ?? "";
  return `${one(FIRST)} ${one(LAST)}`;
}

/** A name as a login may have it; empty when nothing is left of it. */
export function tidy(name: string): string {
  const words = name.replace(/\p{Cc}|\p{Surrogate}/gu, " ").trim().replace(/\s+/g, " ");
  return [...words].slice(0, MAX_NAME).join("").trim();
}

/** One or two letters: of the first and of the last word. */
export function initials(name: string): string {
  const words = name.split(" ").filter(Boolean);
  const letters = [words[0], ...words.slice(1).slice(-1)].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

/** The hue of somebody, in degrees: the same on every screen. How light it is belongs to the style sheet. */
export function hueOf(user: string): number {
  let hash = 2_166_136_261;
  for (const letter of user) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  // Neighbours are a golden angle apart.
  return Math.round(((hash >>> 0) * 137.508) % 360);
}
