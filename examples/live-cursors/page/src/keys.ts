import { onBoard } from "./camera.js";
import { TOOLS } from "./tools.js";
import type { ToolName } from "./tools.js";
import type { Point } from "./trail.js";

/** How far a key moves the pointer, in board pixels. */
const STEP = 10;
const FAST_STEP = 50;
/** How much nearer one key goes. */
const NEARER = 1.25;

const ARROWS: { readonly [key: string]: readonly [dx: number, dy: number] } = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What a key on the board does. */
export type Deed =
  | { readonly type: "move"; readonly to: Point }
  | { readonly type: "zoom"; readonly factor: number }
  | { readonly type: "home" }
  | { readonly type: "take"; readonly tool: ToolName }
  | { readonly type: "write" };

/** What is pressed. */
export interface Press {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** What a key does where the pointer is; nothing for all other keys. */
export function deedOf({ key, shiftKey, altKey, ctrlKey, metaKey }: Press, { x, y }: Point): Deed | undefined {
  if (altKey || ctrlKey || metaKey) return undefined;
  const arrow = ARROWS[key];
  if (arrow) {
    const step = shiftKey ? FAST_STEP : STEP;
    const [toX, toY] = onBoard(x + arrow[0] * step, y + arrow[1] * step);
    return { type: "move", to: { x: toX, y: toY } };
  }
  const tool = TOOLS[Number(key) - 1];
  if (tool) return { type: "take", tool };
  switch (key) {
    case "+":
    case "=":
      return { type: "zoom", factor: NEARER };
    case "-":
      return { type: "zoom", factor: 1 / NEARER };
    case "0":
      return { type: "home" };
    case "Enter":
      return { type: "write" };
    default:
      return undefined;
  }
}
