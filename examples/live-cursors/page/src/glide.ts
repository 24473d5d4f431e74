/**
 * A point that follows another one: a critically damped spring, which is as fast as a spring can be
 * without overshooting. Updates come twenty times a second; this is what makes them one movement.
 */

/** About how long it takes to arrive, in seconds. */
const SETTLE_S = 0.09;
/** Nearer than this is there, in board pixels. */
const THERE = 0.05;
/** A frame that took longer, as after a hidden tab, is no frame of a movement. */
const LONGEST_FRAME_S = 0.25;

/** A point on its way. */
export class Glide {
  x: number;
  y: number;
  #toX: number;
  #toY: number;
  #speedX = 0;
  #speedY = 0;

  constructor(x: number, y: number) {
    this.x = this.#toX = x;
    this.y = this.#toY = y;
  }

  /** Whether it has arrived. */
  get there(): boolean {
    return this.x === this.#toX && this.y === this.#toY;
  }

  /** Where to go. */
  to(x: number, y: number): void {
    this.#toX = x;
    this.#toY = y;
  }

  /** Is there at once. */
  jump(x: number, y: number): void {
    this.to(x, y);
    this.#arrive();
  }

  /** Goes on for so many seconds. */
  step(seconds: number): void {
    if (this.there) return;
    if (seconds > LONGEST_FRAME_S) return this.#arrive();
    // The exact solution, so that it moves the same at 30 and at 144 frames a second.
    const omega = 2 / SETTLE_S;
    const fade = Math.exp(-omega * seconds);
    const awayX = this.x - this.#toX;
    const awayY = this.y - this.#toY;
    const pullX = (this.#speedX + omega * awayX) * seconds;
    const pullY = (this.#speedY + omega * awayY) * seconds;
    this.x = this.#toX + (awayX + pullX) * fade;
    this.y = this.#toY + (awayY + pullY) * fade;
    this.#speedX = (this.#speedX - omega * pullX) * fade;
    this.#speedY = (this.#speedY - omega * pullY) * fade;
    const slow = Math.abs(this.#speedX) + Math.abs(this.#speedY) < 1;
    if (slow && Math.abs(awayX) < THERE && Math.abs(awayY) < THERE) this.#arrive();
  }

  #arrive(): void {
    this.x = this.#toX;
    this.y = this.#toY;
    this.#speedX = this.#speedY = 0;
  }
}
