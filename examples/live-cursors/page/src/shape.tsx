import type { Tool } from "generated";
import type { ReactNode } from "react";

/** What the tools look like in somebody's hand: 48 by 48, the tip in the middle. */
const SHAPES: { readonly [Name in Tool]: ReactNode } = {
  pointer: <path d="M24 24l6.6 19.6 4.3-8.6 8.7-4.3z" />,
  pen: (
    <>
      <path d="M24 24l2.1-7.6L38.6 3.9a2.4 2.4 0 0 1 3.4 0l2.1 2.1a2.4 2.4 0 0 1 0 3.4L31.6 21.9z" />
      <path className="detail" d="M26.4 16.8l4.8 4.8M36 6.6l5.4 5.4" />
    </>
  ),
  eraser: (
    <>
      <circle className="ring" cx="24" cy="24" r="12" />
      <circle className="dot" cx="24" cy="24" r="1.8" />
    </>
  ),
  text: (
    <>
      <path className="halo" d="M19.5 13h9M24 13v22M19.5 35h9" />
      <path className="beam" d="M19.5 13h9M24 13v22M19.5 35h9" />
    </>
  ),
};

/** A tool in the current colour. One that an older page does not know still points. */
export function Shape({ tool }: { tool: Tool }) {
  return (
    <svg className={`shape ${tool}`} viewBox="0 0 48 48" width="48" height="48" overflow="visible" aria-hidden="true">
      {SHAPES[tool] ?? SHAPES.pointer}
    </svg>
  );
}
