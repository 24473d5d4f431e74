import { find } from "./dom.js";
import { Ink } from "./ink.js";
import type { Person } from "./person.js";
import { Sprite } from "./sprite.js";
import type { Frame } from "./sprite.js";

/**
 * The board's own size. Every screen shows all of it, larger or smaller, so that everybody points at
 * the same thing.
 */
export const SIZE = { width: 1_200, height: 800 } as const;

/** How far an eraser reaches, in CSS pixels: its ring. */
const ERASER = 12;

/** The board with everybody's cursor and ink. It draws only while something moves. */
export class Board {
  readonly element = find(".board");
  readonly #layer = find(".cursors", this.element);
  readonly #ink = new Ink(find<HTMLCanvasElement>(".ink", this.element));
  readonly #sprites = new Map<string, Sprite>();
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #frame: Frame = { ...SIZE, scale: 1, still: this.#still.matches };
  #request = 0;
  #drawnAt = 0;

  constructor() {
    new ResizeObserver(() => this.#measure()).observe(this.element);
    this.#still.addEventListener("change", () => this.#measure());
    this.#measure();
  }

  /** Where on the board a place of the window is. */
  locate(clientX: number, clientY: number): { x: number; y: number } {
    const { left, top } = this.element.getBoundingClientRect();
    const { scale } = this.#frame;
    const onBoard = (value: number, most: number) => Math.round(Math.max(0, Math.min(value / scale, most)));
    const border = this.element.clientLeft;
    return {
      x: onBoard(clientX - left - border, SIZE.width),
      y: onBoard(clientY - top - border, SIZE.height),
    };
  }

  /** Shows these people and nobody else. */
  show(people: readonly Person[]): void {
    const now = performance.now();
    const gone = new Set(this.#sprites.keys());
    for (const person of people) {
      gone.delete(person.id);
      const sprite = this.#sprites.get(person.id);
      if (sprite) sprite.show(person, now, this.#frame.still);
      else this.#add(person);
    }
    for (const id of gone) {
      this.#sprites.get(id)?.remove();
      this.#sprites.delete(id);
    }
    this.#wake();
  }

  #add(person: Person): void {
    const sprite = new Sprite(person, () => this.#wake());
    this.#sprites.set(person.id, sprite);
    // Oneself is above all others.
    if (person.you) this.#layer.append(sprite.element);
    else this.#layer.prepend(sprite.element);
  }

  #measure(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const scale = width / SIZE.width || 1;
    this.#frame = { width, height, scale, still: this.#still.matches };
    this.element.style.setProperty("--scale", String(scale));
    this.#ink.resize(width, height, scale);
    this.#wake();
  }

  #wake(): void {
    this.#request ||= requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now: number): void {
    this.#request = 0;
    const seconds = this.#drawnAt === 0 ? 0 : (now - this.#drawnAt) / 1_000;
    const sprites = [...this.#sprites.values()];
    for (const sprite of sprites) {
      sprite.step(seconds, now);
      sprite.place(this.#frame);
    }
    this.#paint(sprites, now);
    const settled = sprites.every((sprite) => sprite.settled);
    this.#drawnAt = settled ? 0 : now;
    if (!settled) this.#wake();
  }

  #paint(sprites: readonly Sprite[], now: number): void {
    const reach = ERASER / this.#frame.scale;
    const erasers = sprites.filter(({ person }) => person.tool === "eraser");
    this.#ink.clear();
    for (const { trail, person } of sprites) {
      for (const eraser of erasers) trail.erase(eraser, reach);
      for (const outline of trail.outlines(now)) this.#ink.fill(outline, person.hue ?? 0);
    }
  }
}
