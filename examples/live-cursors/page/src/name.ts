/** Names of people: made up at first, cut to what a label may have, and short in an avatar. */

/** The most characters of a name, as `Cursor.label` has it. */
const MAX_CHARS = 32;

const COLOURS = [
  "Amber", "Azure", "Coral", "Copper", "Crimson", "Golden", "Hazel", "Indigo",
  "Ivory", "Jade", "Olive", "Pearl", "Russet", "Scarlet", "Silver", "Violet",
];
const ANIMALS = [
  "Badger", "Crane", "Dolphin", "Falcon", "Finch", "Fox", "Heron", "Ibex",
  "Lynx", "Marten", "Otter", "Owl", "Robin", "Seal", "Swift", "Wren",
];

/** A name such as "Amber Fox". */
export function randomName(random: () => number = Math.random): string {
  const one = (of: readonly string[]) => of[Math.floor(random() * of.length)] ?? "";
  return `${one(COLOURS)} ${one(ANIMALS)}`;
}

/** A name as it may be announced; empty when nothing is left of it. */
export function tidy(name: string): string {
  const words = name.replace(/[\u0000-\u001f\u007f]|\p{Surrogate}/gu, " ").trim().replace(/\s+/g, " ");
  return Array.from(words).slice(0, MAX_CHARS).join("").trim();
}

/** What others are called who have no name. */
export function nameOr(label: string): string {
  return tidy(label) || "Somebody";
}

/** One or two letters: of the first and of the last word. */
export function initials(name: string): string {
  const words = tidy(name).split(" ").filter(Boolean);
  const letters = [words[0], ...words.slice(1).slice(-1)].map((word) => Array.from(word ?? "")[0] ?? "");
  return letters.join("").toUpperCase() || "?";
}
