import type { Camera } from "./camera.js";
import type { Point } from "./trail.js";

/** The canvas below the cursors. It draws outlines, and knows nothing of pens. */
export class Ink {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #tones = new Map<number, string>();
  #density = 1;
  #clean = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** The window has another size. */
  resize({ width, height }: Camera): void {
    this.#density = Math.min(devicePixelRatio || 1, 3);
    this.#canvas.width = Math.round(width * this.#density);
    this.#canvas.height = Math.round(height * this.#density);
    this.#clean = true;
  }

  /** The style sheet has other colours. */
  forget(): void {
    this.#tones.clear();
  }

  clear(): void {
    if (this.#clean) return;
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#clean = true;
  }

  /** Fills an outline of board points, its corners rounded. */
  fill(outline: readonly Point[], hue: number, { zoom, left, top }: Camera): void {
    const context = this.#context;
    const last = outline.at(-1);
    if (!context || !last) return;
    const density = this.#density;
    context.setTransform(zoom * density, 0, 0, zoom * density, left * density, top * density);
    context.fillStyle = this.#tone(hue);
    context.beginPath();
    context.moveTo(last.x, last.y);
    outline.forEach((point, i) => {
      const next = outline[(i + 1) % outline.length] ?? point;
      context.quadraticCurveTo(point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
    });
    context.closePath();
    context.fill();
    context.resetTransform();
    this.#clean = false;
  }

  /** A canvas does not know the style sheet's colours, so it is asked for each hue once. */
  #tone(hue: number): string {
    let tone = this.#tones.get(hue);
    if (tone === undefined) {
      const style = getComputedStyle(this.#canvas);
      tone = `oklch(${style.getPropertyValue("--ink-l")} ${style.getPropertyValue("--ink-c")} ${hue})`;
      this.#tones.set(hue, tone);
    }
    return tone;
  }
}
