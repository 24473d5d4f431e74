/** What the tools look like in somebody's hand: 32 by 32, the tip in the middle. */

import type { Tool } from "generated";

const SHAPES: { readonly [Name in Tool]: string } = {
  pointer: `<path d="M16 16l5.1 15.2 3.1-6.6 6.7-3z"/>`,
  pen: `<path d="M16 16l1.7-5.9L27.2.6a2 2 0 0 1 2.8 0L31.4 2a2 2 0 0 1 0 2.8l-9.5 9.5z"/><path class="detail" d="M17.9 10.3l3.8 3.8"/>`,
  eraser: `<circle class="ring" cx="16" cy="16" r="11"/><circle class="dot" cx="16" cy="16" r="1.6"/>`,
  text: `<path class="halo" d="M12.5 7h7M16 7v18M12.5 25h7"/><path class="beam" d="M12.5 7h7M16 7v18M12.5 25h7"/>`,
};

/** The shape of a tool as SVG, in the current colour. */
export function shapeOf(tool: Tool): string {
  // A tool that an older page does not know still points.
  const shape = SHAPES[tool] ?? SHAPES.pointer;
  return `<svg class="shape ${tool}" viewBox="0 0 32 32" width="32" height="32" overflow="visible" aria-hidden="true">${shape}</svg>`;
}
