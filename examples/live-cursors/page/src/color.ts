/**
 * Colours by member. A member has a hue, the same on everybody's screen; how light and how strong it
 * is belongs to the style sheet, which keeps every hue legible in light and dark.
 */

/** The hue of a member, in degrees of OKLCH. */
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
