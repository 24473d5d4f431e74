import type { Tool } from "generated";

/** What one may take into the hand. */
export type ToolName = Tool;

/** All of them, in the order of their keys. */
export const TOOLS: readonly ToolName[] = ["pointer", "pen", "eraser", "text"];

/** What they are called: the one that writes puts down notes. */
export const CALLED = { pointer: "Pointer", pen: "Pen", eraser: "Eraser", text: "Note" } as const;
/** What somebody does with them. */
export const DOING = { pointer: "Pointing", pen: "Drawing", eraser: "Erasing", text: "Writing" } as const;
