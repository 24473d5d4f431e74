/**
 * Colours of people. A member has a hue, made from its id and so the same on everybody's screen; how
 * light and how strong it is belongs to the style sheet, which keeps every hue legible in light and
 * dark.
 */

/** Hues nearer than this are hard to tell apart, in degrees. */
const NEAR = 40;
/** The golden angle: so many degrees further is far from all earlier steps. */
const FURTHER = 137.5;
const TRIES = 12;

/** The hue of a member by itself, in degrees of OKLCH. */
export function hueOf(member: string): number {
  // FNV-1a, then a mix: ids that differ in one letter have to differ everywhere in the circle.
  let hash = 0x811c9dc5;
  for (let i = 0; i < member.length; i++) {
    hash = Math.imul(hash ^ member.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash ^= hash >>> 16;
  return (hash >>> 0) % 360;
}

/**
 * The hues of those who are here together. Who comes later makes way for who is here, which every
 * screen decides alike; nobody changes colour while they stay.
 */
export class Palette {
  readonly #hues = new Map<string, number>();

  /** The hues of these members, who are in the order of joining. */
  of(members: readonly string[]): ReadonlyMap<string, number> {
    const taken = members.flatMap((member) => this.#hues.get(member) ?? []);
    for (const member of members) {
      if (this.#hues.has(member)) continue;
      const hue = apart(hueOf(member), taken);
      this.#hues.set(member, hue);
      taken.push(hue);
    }
    return this.#hues;
  }
}

/** The hue, or the first further one that is not near those that are taken. */
function apart(hue: number, taken: readonly number[]): number {
  for (let i = 0; i < TRIES; i++) {
    const candidate = Math.round(hue + i * FURTHER) % 360;
    const near = (other: number) => Math.min((candidate - other + 360) % 360, (other - candidate + 360) % 360) < NEAR;
    if (!taken.some(near)) return candidate;
  }
  return hue;
}
