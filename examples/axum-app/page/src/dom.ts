/** The element of the page that a selector names; the page is written with it. */
export function find<Found extends Element = HTMLElement>(selector: string, within: ParentNode = document): Found {
  const found = within.querySelector<Found>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A new element with a class and what is in it. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

/** Sets the text of an element, touching the page only when it is another. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A round sign with somebody's initials, in their colour. */
export function avatar(user: string, name: string): HTMLElement {
  const sign = make("span", "avatar", initials(name));
  sign.setAttribute("aria-hidden", "true");
  sign.style.setProperty("--hue", String(hueOf(user)));
  return sign;
}

/** The hue of a user in degrees: all tabs of a user have one colour, on every screen. */
export function hueOf(user: string): number {
  // FNV-1a from an offset that keeps the people of this example apart, then a mix.
  let hash = 0x811c9dc5 ^ 15;
  for (let i = 0; i < user.length; i++) hash = Math.imul(hash ^ user.charCodeAt(i), 0x01000193);
  for (let i = 0; i < 2; i++) hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) % 360;
}

function initials(name: string): string {
  const words = name.split(" ").filter(Boolean);
  return words.map((word) => word[0]).join("").slice(0, 2).toUpperCase();
}
