/**
 * What of the board a window shows. It is moved at once by a hand, and glides where it is led. Board
 * pixels are the board's own; screen pixels are CSS pixels from the corner of what shows it.
 */

import { Glide } from "./glide.js";
import type { Point } from "./trail.js";

/** The board's own size. */
export const SIZE = { width: 3_600, height: 2_400 } as const;
/** What is shown at first: the middle. */
export const HOME: Region = { x: 1_800, y: 1_200, width: 1_200, height: 800 };
/** The most screen pixels for one of the board. */
const NEAREST = 4;
/** How much of the window the whole board fills when it is as far away as it can be. */
const FARTHEST = 0.9;
/** So that a glide of the zoom is as fine as one over the board. */
const ZOOM_STEPS = 1_000;

/** A part of the board, by its middle. */
export interface Region extends Point {
  readonly width: number;
  readonly height: number;
}

/** Where somebody looks from. */
export class Camera {
  /** The window, in CSS pixels. */
  width = 1;
  height = 1;
  readonly #middle = new Glide(HOME.x, HOME.y);
  /** The zoom's logarithm: as much nearer as farther is the same way. */
  readonly #near = new Glide(0, 0);

  /** Screen pixels for one of the board. */
  get zoom(): number {
    return Math.exp(this.#near.x / ZOOM_STEPS);
  }

  /** Where the board's left edge is on the screen. */
  get left(): number {
    return this.width / 2 - this.#middle.x * this.zoom;
  }

  /** Where the board's top edge is on the screen. */
  get top(): number {
    return this.height / 2 - this.#middle.y * this.zoom;
  }

  /** Whether it does not glide. */
  get still(): boolean {
    return this.#middle.there && this.#near.there;
  }

  /** What is seen. */
  get region(): Region {
    const { zoom, width, height } = this;
    const [x, y] = [Math.round(this.#middle.x), Math.round(this.#middle.y)];
    return { x, y, width: Math.round(width / zoom), height: Math.round(height / zoom) };
  }

  /** The window has another size; its middle stays where it was. */
  resize(width: number, height: number): void {
    [this.width, this.height] = [Math.max(1, width), Math.max(1, height)];
    this.#near.jump(this.#within(this.zoom), 0);
  }

  /** Shows all of a part of the board, as large as it fits; glides there unless it is to be at once. */
  frame({ x, y, width, height }: Region, how: "glide" | "jump"): void {
    const near = this.#within(Math.min(this.width / width, this.height / height));
    if (how === "glide") {
      this.#middle.to(...onBoard(x, y));
      this.#near.to(near, 0);
    } else {
      this.#middle.jump(...onBoard(x, y));
      this.#near.jump(near, 0);
    }
  }

  /** Drags the board by so many screen pixels. */
  pan(dx: number, dy: number): void {
    const { zoom } = this;
    this.#middle.jump(...onBoard(this.#middle.x - dx / zoom, this.#middle.y - dy / zoom));
    this.#near.jump(this.#near.x, 0);
  }

  /** Goes nearer by a factor; what is at this place of the screen stays there. */
  zoomAt(factor: number, { x, y }: Point): void {
    const before = this.toBoard(x, y);
    this.#near.jump(this.#within(this.zoom * factor), 0);
    const after = this.toBoard(x, y);
    this.#middle.jump(...onBoard(this.#middle.x + before.x - after.x, this.#middle.y + before.y - after.y));
  }

  /** Goes just so far that a place of the board is seen, not too near to an edge; returns whether it had to. */
  reveal({ x, y }: Point, margin: number): boolean {
    const [screenX, screenY] = [this.left + x * this.zoom, this.top + y * this.zoom];
    const out = (at: number, most: number) => Math.min(0, at - margin) + Math.max(0, at - most + margin);
    const [dx, dy] = [out(screenX, this.width), out(screenY, this.height)];
    if (dx === 0 && dy === 0) return false;
    this.pan(-dx, -dy);
    return true;
  }

  /** Where on the board a place of the screen is. It may be beside it. */
  toBoard(screenX: number, screenY: number): Point {
    return { x: (screenX - this.left) / this.zoom, y: (screenY - this.top) / this.zoom };
  }

  /** Goes on for so many seconds. */
  step(seconds: number): void {
    this.#middle.step(seconds);
    this.#near.step(seconds);
  }

  #within(zoom: number): number {
    const farthest = FARTHEST * Math.min(this.width / SIZE.width, this.height / SIZE.height);
    return Math.log(Math.max(farthest, Math.min(zoom, NEAREST))) * ZOOM_STEPS;
  }
}

/** As near to a place as the board goes. */
export function onBoard(x: number, y: number): [x: number, y: number] {
  return [Math.max(0, Math.min(x, SIZE.width)), Math.max(0, Math.min(y, SIZE.height))];
}
