/**
 * Ink behind a pen, made from where the pen was and nothing else: it is thin where it is old, and
 * gone after less than two seconds. Lengths are board pixels, times milliseconds.
 */

const LIFE_MS = 1_800;
const WIDTH = 7;
/** Nearer points add nothing to a line. */
const STEP = 1.5;
/** A pointer that was still for so long and is suddenly elsewhere was lifted: no line between. */
const PAUSE_MS = 250;
const PAUSE_DISTANCE = 160;
/** No hand moves so far in one update. */
const LEAP = 600;

/** A place on the board. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Drop extends Point {
  readonly at: number;
  /** Whether a new line begins here. */
  readonly first: boolean;
}

/** Whether somebody who was there and is here has moved, or has appeared somewhere else. */
export function leapt(from: Point, to: Point, afterMs: number): boolean {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  return distance > LEAP || (afterMs > PAUSE_MS && distance > PAUSE_DISTANCE);
}

/** The ink of one person. */
export class Trail {
  #drops: Drop[] = [];
  #lifted = true;

  /** Whether nothing is left. */
  get dry(): boolean {
    return this.#drops.length === 0;
  }

  /** The next point begins a new line. */
  lift(): void {
    this.#lifted = true;
  }

  /** Draws on to a point. */
  extend({ x, y }: Point, now: number): void {
    const last = this.#drops.at(-1);
    const near = last && Math.hypot(x - last.x, y - last.y) < STEP;
    if (near && !this.#lifted) return;
    this.#drops.push({ x, y, at: now, first: this.#lifted });
    this.#lifted = false;
  }

  /** Forgets what has faded. */
  fade(now: number): void {
    const alive = this.#drops.findIndex(({ at }) => now - at < LIFE_MS);
    if (alive !== 0) this.#drops = alive < 0 ? [] : this.#drops.slice(alive);
  }

  /** Removes what is near a point, as an eraser does. */
  erase(point: Point, radius: number): void {
    let cut = false;
    const kept: Drop[] = [];
    for (const drop of this.#drops) {
      const gone = Math.hypot(drop.x - point.x, drop.y - point.y) < radius;
      if (!gone) kept.push(cut ? { ...drop, first: true } : drop);
      cut = gone;
    }
    if (cut) this.#lifted = true;
    if (kept.length !== this.#drops.length) this.#drops = kept;
  }

  /** The lines as outlines, each to be filled. */
  outlines(now: number): Point[][] {
    const lines: Drop[][] = [];
    for (const drop of this.#drops) {
      const line = lines.at(-1);
      if (drop.first || !line) lines.push([drop]);
      else line.push(drop);
    }
    return lines.filter((line) => line.length > 1).map((line) => outline(line, now));
  }
}

/** There on one side, back on the other, as wide as the ink is young. */
function outline(line: readonly Drop[], now: number): Point[] {
  const left: Point[] = [];
  const right: Point[] = [];
  line.forEach((drop, i) => {
    const before = line[i - 1] ?? drop;
    const after = line[i + 1] ?? drop;
    const [dx, dy] = [after.x - before.x, after.y - before.y];
    const length = Math.hypot(dx, dy) || 1;
    const young = Math.max(0, 1 - (now - drop.at) / LIFE_MS);
    const half = (WIDTH / 2) * young ** 0.7;
    const [nx, ny] = [(-dy / length) * half, (dx / length) * half];
    left.push({ x: drop.x + nx, y: drop.y + ny });
    right.push({ x: drop.x - nx, y: drop.y - ny });
  });
  return [...left, ...right.reverse()];
}
