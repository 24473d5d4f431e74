import type { Tool } from "generated";

import type { Camera } from "./camera.js";
import { Glide } from "./glide.js";
import { leapt, Trail } from "./trail.js";
import type { Point } from "./trail.js";

/** After so long without a movement, a cursor is quieter. */
const REST_MS = 10_000;
/** Between the tip and the name, in CSS pixels. */
const GAP = 22;
const MARGIN = 6;

/** What moves a cursor. */
export interface Motion extends Point {
  readonly tool: Tool;
}

/** The element of a cursor, and the one in it with the name, which stays inside of the window. */
export interface Body {
  readonly element: HTMLElement;
  readonly tag: HTMLElement;
}

/** A cursor that moves: what React painted is carried from here, and it is not painted anew for it. */
export class Sprite {
  readonly trail = new Trail();
  hue = 0;
  readonly #you: boolean;
  readonly #body: Body;
  readonly #glide: Glide;
  readonly #size: ResizeObserver;
  #motion: Motion;
  #movedAt = performance.now();
  #tagWidth = 0;
  #tagHeight = 0;
  #restStart = 0;

  /** `changed` is called when it has to be placed anew without having moved. */
  constructor(body: Body, motion: Motion, you: boolean, changed: () => void) {
    this.#body = body;
    this.#motion = motion;
    this.#you = you;
    this.#glide = new Glide(motion.x, motion.y);
    this.#size = new ResizeObserver(() => {
      this.#tagWidth = body.tag.offsetWidth;
      this.#tagHeight = body.tag.offsetHeight;
      changed();
    });
    this.#size.observe(body.tag);
    this.#rest();
  }

  get x(): number {
    return this.#glide.x;
  }

  get y(): number {
    return this.#glide.y;
  }

  get tool(): Tool {
    return this.#motion.tool;
  }

  /** Whether nothing will be different in the next frame. */
  get settled(): boolean {
    return this.#glide.there && this.trail.dry;
  }

  /** Goes on to where somebody is now. */
  show(motion: Motion, now: number, still: boolean): void {
    const before = this.#motion;
    this.#motion = motion;
    if (motion.x === before.x && motion.y === before.y) return;

    const leap = leapt(before, motion, now - this.#movedAt);
    this.#movedAt = now;
    if (leap) this.trail.lift();
    // One's own hand is never late.
    if (leap || still || this.#you) this.#glide.jump(motion.x, motion.y);
    else this.#glide.to(motion.x, motion.y);
    this.#rest();
  }

  /** Goes on for so many seconds, and leaves ink where a pen is in the hand. */
  step(seconds: number, now: number): void {
    this.#glide.step(seconds);
    this.trail.fade(now);
    if (this.tool !== "pen") this.trail.lift();
    else if (now - this.#movedAt < 1_000) this.trail.extend(this.#glide, now);
  }

  /** Puts it where it is, with its name inside of the window; who is beside it is a name at its edge. */
  place({ left, top, zoom, width, height }: Camera): void {
    const [atX, atY] = [left + this.x * zoom, top + this.y * zoom];
    const [x, y] = [within(atX, 0, width), within(atY, 0, height)];
    const { element, tag } = this.#body;
    element.style.transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px)`;
    mark(element, "off", String(x !== atX || y !== atY));

    const right = within(GAP * 0.7, -x + MARGIN, width - x - this.#tagWidth - MARGIN);
    const fits = y + GAP + this.#tagHeight + MARGIN <= height;
    const below = fits ? GAP : -this.#tagHeight - GAP * 0.6;
    tag.style.transform = `translate(${right.toFixed(2)}px, ${below.toFixed(2)}px)`;
  }

  /** Carries it no longer. */
  release(): void {
    this.#size.disconnect();
    clearTimeout(this.#restStart);
  }

  #rest(): void {
    const { element } = this.#body;
    clearTimeout(this.#restStart);
    mark(element, "resting", "false");
    this.#restStart = window.setTimeout(() => mark(element, "resting", "true"), REST_MS);
  }
}

/** As near as the limits allow; the lower one wins. */
function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

/** Sets a data attribute of an element, touching the page only when it is another. */
function mark({ dataset }: HTMLElement, name: string, value: string): void {
  if (dataset[name] !== value) dataset[name] = value;
}
