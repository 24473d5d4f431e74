import { Camera, HOME, SIZE, onBoard } from "./camera.js";
import type { Region } from "./camera.js";
import { Ink } from "./ink.js";
import { Sprite } from "./sprite.js";
import type { Body, Motion } from "./sprite.js";
import type { Point } from "./trail.js";

/** How far an eraser reaches, in CSS pixels: its ring. */
const ERASER = 12;
/** How near to an edge the keyboard moves the pointer before the board makes way, in CSS pixels. */
const EDGE = 48;

/** What a scene tells. */
export interface SceneEvents {
  /** This part of the board is looked at. */
  looked(region: Region): void;
  /** The pointer is elsewhere on the board, since the board moved below it. */
  pointed(at: Point): void;
}

/**
 * What moves on the board, outside of React: where one looks, cursors, ink. It draws only while
 * something moves. React paints the elements, and gives them here to be carried.
 */
export class Scene {
  readonly camera = new Camera();
  readonly #sprites = new Map<string, Sprite>();
  readonly #dots = new Map<string, HTMLElement>();
  readonly #listeners = new Set<() => void>();
  readonly #motion = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #colours = matchMedia("(prefers-color-scheme: dark)");
  readonly #first: Region;
  #on: SceneEvents | undefined;
  #board: HTMLElement | undefined;
  #ink: Ink | undefined;
  #request = 0;
  #drawnAt = 0;
  #shown = "";
  /** Whom one follows looks at this. */
  #led: Region | undefined;
  /** Where on the screen the pointer is, while it is. */
  #held: Point | undefined;

  /** `first` is what is seen at first. */
  constructor(first: Region = HOME) {
    this.#first = first;
  }

  /** Draws on these elements, until the returned function is called. */
  mount(board: HTMLElement, canvas: HTMLCanvasElement, on: SceneEvents): () => void {
    this.#on = on;
    this.#board = board;
    const ink = (this.#ink = new Ink(canvas));
    let known = false;
    const measure = () => {
      this.camera.resize(board.clientWidth, board.clientHeight);
      if (!known) this.camera.frame(this.#first, "jump");
      if (this.#led) this.camera.frame(this.#led, "jump");
      known = true;
      ink.resize(this.camera);
      this.#shown = "";
      this.#tell();
    };
    const size = new ResizeObserver(measure);
    size.observe(board);
    measure();
    const recolour = () => ink.forget();
    this.#colours.addEventListener("change", recolour);
    return () => {
      size.disconnect();
      this.#colours.removeEventListener("change", recolour);
      cancelAnimationFrame(this.#request);
      this.#request = 0;
      this.#on = this.#board = this.#ink = undefined;
    };
  }

  /** Carries a cursor, until the returned function is called. */
  carry(id: string, body: Body, motion: Motion, you: boolean): () => void {
    const sprite = new Sprite(body, motion, you, () => this.#wake());
    this.#sprites.set(id, sprite);
    this.#wake();
    return () => {
      sprite.release();
      if (this.#sprites.get(id) === sprite) this.#sprites.delete(id);
      this.#wake();
    };
  }

  /** Carries somebody's dot on the map. */
  dot(id: string, element: HTMLElement): () => void {
    this.#dots.set(id, element);
    this.#wake();
    return () => this.#dots.delete(id);
  }

  /** Somebody is here now, with this in the hand. */
  show(id: string, motion: Motion): void {
    this.#sprites.get(id)?.show(motion, performance.now(), this.#motion.matches);
    this.#wake();
  }

  /** Somebody's ink has this hue. */
  tint(id: string, hue: number): void {
    const sprite = this.#sprites.get(id);
    if (sprite) sprite.hue = hue;
  }

  /** Where on the board a place of the window is. */
  locate(clientX: number, clientY: number): Point {
    const at = this.toScreen(clientX, clientY);
    const { x, y } = this.camera.toBoard(at.x, at.y);
    const [boardX, boardY] = onBoard(Math.round(x), Math.round(y));
    return { x: boardX, y: boardY };
  }

  /** Where on what shows the board a place of the window is. */
  toScreen(clientX: number, clientY: number): Point {
    const { left = 0, top = 0 } = this.#board?.getBoundingClientRect() ?? {};
    return { x: clientX - left - (this.#board?.clientLeft ?? 0), y: clientY - top - (this.#board?.clientTop ?? 0) };
  }

  /** The pointer is at this place of the window, or nowhere. */
  hold(at: Point | undefined): void {
    this.#held = at;
  }

  /** Drags the board by so many CSS pixels. */
  pan(dx: number, dy: number): void {
    this.#led = undefined;
    this.camera.pan(dx, dy);
    this.#tell();
  }

  /** Goes nearer by a factor, towards a place of the window or the middle. */
  zoom(factor: number, towards?: Point): void {
    this.#led = undefined;
    const { width, height } = this.camera;
    this.camera.zoomAt(factor, towards ? this.toScreen(towards.x, towards.y) : { x: width / 2, y: height / 2 });
    this.#tell();
  }

  /** Shows a part of the board. */
  look(region: Region): void {
    this.#led = undefined;
    this.#frame(region);
  }

  /** Makes a place of the board be seen. Returns whether the board had to make way for that. */
  reveal(at: Point): boolean {
    const moved = this.camera.reveal(at, EDGE);
    if (moved) {
      this.#led = undefined;
      this.#tell();
    }
    return moved;
  }

  /** Looks at what somebody else looks at. */
  lead(region: Region): void {
    this.#led = region;
    this.#frame(region);
  }

  /** Nobody leads any more; what is seen stays. */
  release(): void {
    if (!this.#led) return;
    // Also when it was on its way.
    this.pan(0, 0);
  }

  /** Calls whenever one looks elsewhere. */
  readonly subscribe = (call: () => void): (() => void) => {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  };

  #frame(region: Region): void {
    this.camera.frame(region, this.#motion.matches ? "jump" : "glide");
    this.#tell();
  }

  /** Whoever is led tells what they are led to: two who follow each other stand still. */
  #tell(): void {
    this.#wake();
    if (this.camera.still || this.#led) this.#on?.looked(this.#led ?? this.camera.region);
  }

  #wake(): void {
    if (this.#board) this.#request ||= requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now: number): void {
    this.#request = 0;
    const { camera } = this;
    const seconds = this.#drawnAt === 0 ? 0 : (now - this.#drawnAt) / 1_000;
    const glides = !camera.still;
    camera.step(seconds);
    if (glides && camera.still) this.#tell();
    this.#turn();
    for (const sprite of this.#sprites.values()) {
      sprite.step(seconds, now);
      sprite.place(camera);
    }
    for (const [id, dot] of this.#dots) {
      const sprite = this.#sprites.get(id);
      if (sprite) dot.style.translate = `${(sprite.x / SIZE.width) * 100}cqw ${(sprite.y / SIZE.height) * 100}cqh`;
    }
    this.#paint(now);
    const settled = camera.still && [...this.#sprites.values()].every((sprite) => sprite.settled);
    this.#drawnAt = settled ? 0 : now;
    if (!settled) this.#wake();
  }

  /** Tells the style sheet, and whoever listens, where one looks, when it is elsewhere. */
  #turn(): void {
    const { left, top, zoom, width, height } = this.camera;
    const shown = `${left} ${top} ${zoom} ${width} ${height}`;
    const style = this.#board?.parentElement?.style;
    if (!style || shown === this.#shown) return;
    this.#shown = shown;
    const part = (value: number, of: number) => `${((value / zoom / of) * 100).toFixed(2)}%`;
    const said = {
      "--left": `${left.toFixed(2)}px`,
      "--top": `${top.toFixed(2)}px`,
      "--zoom": zoom.toFixed(4),
      "--seen-x": part(-left, SIZE.width),
      "--seen-y": part(-top, SIZE.height),
      "--seen-width": part(width, SIZE.width),
      "--seen-height": part(height, SIZE.height),
    };
    for (const [name, value] of Object.entries(said)) style.setProperty(name, value);
    if (this.#held) this.#on?.pointed(this.locate(this.#held.x, this.#held.y));
    for (const call of this.#listeners) call();
  }

  #paint(now: number): void {
    const ink = this.#ink;
    if (!ink) return;
    const sprites = [...this.#sprites.values()];
    const erasers = sprites.filter(({ tool }) => tool === "eraser");
    ink.clear();
    for (const { trail, hue } of sprites) {
      for (const eraser of erasers) trail.erase(eraser, ERASER / this.camera.zoom);
      for (const outline of trail.outlines(now)) ink.fill(outline, hue, this.camera);
    }
  }
}
