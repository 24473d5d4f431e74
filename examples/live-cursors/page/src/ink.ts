import type { Point } from "./trail.js";

/** The canvas below the cursors. It draws outlines, and knows nothing of pens. */
export class Ink {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #tones = new Map<number, string>();
  /** Canvas pixels for one of the board. */
  #scale = 1;
  #clean = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#tones.clear());
  }

  /** The size in CSS pixels, and how many of them one of the board has. */
  resize(width: number, height: number, scale: number): void {
    const density = Math.min(devicePixelRatio || 1, 3);
    this.#canvas.width = Math.round(width * density);
    this.#canvas.height = Math.round(height * density);
    this.#scale = scale * density;
    this.#clean = true;
  }

  clear(): void {
    if (this.#clean) return;
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#clean = true;
  }

  /** Fills an outline of board points, its corners rounded. */
  fill(outline: readonly Point[], hue: number): void {
    const context = this.#context;
    const last = outline.at(-1);
    if (!context || !last) return;
    const scale = this.#scale;
    context.fillStyle = this.#tone(hue);
    context.beginPath();
    context.moveTo(last.x * scale, last.y * scale);
    outline.forEach((point, i) => {
      const next = outline[(i + 1) % outline.length] ?? point;
      const middle = { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
      context.quadraticCurveTo(point.x * scale, point.y * scale, middle.x * scale, middle.y * scale);
    });
    context.closePath();
    context.fill();
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
