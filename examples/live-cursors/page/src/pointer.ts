import { SIZE } from "./board.js";
import type { Board } from "./board.js";

/** How far a key moves the pointer, in board pixels. */
const STEP = 10;
const FAST_STEP = 50;

/** Where the pointer is, and what hears of it. */
export interface Hand {
  readonly x: number;
  readonly y: number;
  move(x: number, y: number): void;
}

const ARROWS: { readonly [key: string]: readonly [dx: number, dy: number] } = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Moves the own pointer by mouse, pen, finger and keyboard. */
export function followPointer(board: Board, hand: Hand): void {
  const { element } = board;
  const here = element.classList;

  const follow = (event: PointerEvent) => {
    const { x, y } = board.locate(event.clientX, event.clientY);
    here.add("held");
    hand.move(x, y);
  };
  element.addEventListener("pointermove", follow);
  element.addEventListener("pointerdown", follow);
  // A lifted finger is nowhere: the pointer stays where it was, and is quieter until it returns.
  for (const end of ["pointerleave", "pointercancel"] as const) {
    element.addEventListener(end, () => here.remove("held"));
  }

  element.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const step = event.shiftKey ? FAST_STEP : STEP;
    here.add("held");
    hand.move(within(hand.x + arrow[0] * step, SIZE.width), within(hand.y + arrow[1] * step, SIZE.height));
  });
  element.addEventListener("blur", () => here.remove("held"));
}

function within(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}
