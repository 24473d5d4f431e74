/** The element of the page that a selector names; the page is written with it. */
export function find<Found extends Element = HTMLElement>(selector: string, within: ParentNode = document): Found {
  const found = within.querySelector<Found>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A new element with a class, and with text where there is some. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  text?: string,
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Sets a data attribute of an element, touching the page only when it is another. */
export function mark({ dataset }: HTMLElement, name: string, value: string): void {
  if (dataset[name] !== value) dataset[name] = value;
}

/** Sets the text of an element, touching the page only when it is another. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
