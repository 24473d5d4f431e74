/** What the tools look like in somebody's hand: 48 by 48, the tip in the middle. */

import type { Tool } from "generated";

const SHAPES: { readonly [Name in Tool]: string } = {
  pointer: `<path d="M24 24l6.6 19.6 4.3-8.6 8.7-4.3z"/>`,
  pen: `<path d="M24 24l2.1-7.6L38.6 3.9a2.4 2.4 0 0 1 3.4 0l2.1 2.1a2.4 2.4 0 0 1 0 3.4L31.6 21.9z"/><path class="detail" d="M26.4 16.8l4.8 4.8M36 6.6l5.4 5.4"/>`,
  eraser: `<circle class="ring" cx="24" cy="24" r="12"/><circle class="dot" cx="24" cy="24" r="1.8"/>`,
  text: `<path class="halo" d="M19.5 13h9M24 13v22M19.5 35h9"/><path class="beam" d="M19.5 13h9M24 13v22M19.5 35h9"/>`,
};

/** The shape of a tool as SVG, in the current colour. */
export function shapeOf(tool: Tool): string {
  // A tool that an older page does not know still points.
  const shape = SHAPES[tool] ?? SHAPES.pointer;
  return `<svg class="shape ${tool}" viewBox="0 0 48 48" width="48" height="48" overflow="visible" aria-hidden="true">${shape}</svg>`;
}
