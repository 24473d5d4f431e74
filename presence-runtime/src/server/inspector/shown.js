// How things are shown: elements, times in words, and text that cannot play tricks.

/** The element with this id. */
export const at = (id) => document.getElementById(id);

/** An element with attributes and children; strings among these are text and nothing else. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Sets the text of an element where it is another one, so that nothing flickers and selections stay. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Characters that are not seen, or that turn around what stands beside them. */
const TRICKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text with what cannot be seen written out. */
export function plain(text) {
  return text.replace(TRICKS, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** JSON is broken up when it is longer. */
const LINE = 160;

/** Anything as JSON that can be read. */
export function pretty(value) {
  const text = JSON.stringify(value, null, 2) ?? "";
  // Line breaks within strings are escaped; these are between things.
  const line = text.replace(/\n */g, " ");
  return plain(line.length <= LINE ? line : text);
}

/** So many milliseconds, as people say it. */
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const COUNT = new Intl.NumberFormat("en");

/** A count as people write it. */
export const count = (n) => COUNT.format(n);

/** `1 member`, `2 members`. */
export const many = (n, what) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;

/** Says a total and what of. */
export function total(what, n, rest = "") {
  say(at(`${what}-total`), count(n) + rest);
  say(at(`${what}-word`), n === 1 ? what.slice(0, -1) : what);
}

/** So many in a second. */
export function rate(n) {
  if (n >= 9.95) return COUNT.format(Math.round(n));
  return n < 0.05 ? "0" : n.toFixed(1);
}

/** A colour of one's own, as long as the name is the same. */
export function hue(name) {
  let sum = 0;
  for (const c of name) sum = (sum * 31 + c.codePointAt(0)) % 360;
  return sum;
}

/** A line of what was over time. */
export function spark() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 64 22");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  return svg;
}

/** Draws up to `most` numbers, the newest at the right. */
export function draw(svg, numbers, most) {
  const top = Math.max(1, ...numbers);
  const x = (i) => (64 * (most - numbers.length + i)) / (most - 1);
  const points = numbers.map((it, i) => `${x(i).toFixed(1)} ${(21 - (20 * it) / top).toFixed(1)}`);
  const path = points.length > 1 ? `M${points.join("L")}` : "M0 21L64 21";
  if (svg.firstChild.getAttribute("d") !== path) svg.firstChild.setAttribute("d", path);
  svg.classList.toggle("flat", numbers.every((it) => it === 0));
}
