import { make, mark, say } from "./dom.js";
import { Glide } from "./glide.js";
import type { Person } from "./person.js";
import { shapeOf } from "./shape.js";
import { leapt, Trail } from "./trail.js";

/** How long a message stays beside a cursor. */
const BUBBLE_MS = 8_000;
/** After so long without a movement, a cursor is quieter. */
const REST_MS = 10_000;
/** Between the tip and the name, in CSS pixels. */
const GAP = 22;
const MARGIN = 6;

/** How the board is shown. */
export interface Frame {
  /** The board's size in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** CSS pixels for one of the board. */
  readonly scale: number;
  /** Whether the visitor asked for less motion. */
  readonly still: boolean;
}

/** A cursor on the board: the tool, the name, what is said, and the ink behind it. */
export class Sprite {
  readonly element = make("div", "cursor");
  readonly trail = new Trail();
  readonly #glide: Glide;
  readonly #hand = make("span", "hand");
  readonly #tag = make("div", "tag");
  readonly #name = make("span", "name");
  readonly #bubble = make("span", "bubble");
  readonly #size: ResizeObserver;
  #person: Person;
  #tool = "";
  #movedAt = performance.now();
  #tagWidth = 0;
  #tagHeight = 0;
  #bubbleEnd = 0;
  #restStart = 0;

  /** `changed` is called when it has to be placed anew without having moved. */
  constructor(person: Person, changed: () => void) {
    this.#person = person;
    this.#glide = new Glide(person.x, person.y);
    this.element.dataset["member"] = person.id;
    this.element.classList.toggle("you", person.you);
    const line = make("span", "line");
    const dots = make("span", "dots");
    dots.append(make("i", ""), make("i", ""), make("i", ""));
    line.append(this.#name, dots);
    this.#tag.append(line, this.#bubble);
    this.element.append(this.#hand, this.#tag);
    this.#size = new ResizeObserver(() => {
      this.#tagWidth = this.#tag.offsetWidth;
      this.#tagHeight = this.#tag.offsetHeight;
      changed();
    });
    this.#size.observe(this.#tag);
    this.#dress(person);
    this.#speak(person.message);
    this.#rest();
  }

  get x(): number {
    return this.#glide.x;
  }

  get y(): number {
    return this.#glide.y;
  }

  get person(): Person {
    return this.#person;
  }

  /** Whether nothing will be different in the next frame. */
  get settled(): boolean {
    return this.#glide.there && this.trail.dry;
  }

  /** Takes what is new of the person. */
  show(person: Person, now: number, still: boolean): void {
    const before = this.#person;
    this.#person = person;
    this.#dress(person);
    if (person.message !== before.message) this.#speak(person.message);
    if (person.x === before.x && person.y === before.y) return;

    const leap = leapt(before, person, now - this.#movedAt);
    this.#movedAt = now;
    if (leap) this.trail.lift();
    // One's own hand is never late.
    if (leap || still || person.you) this.#glide.jump(person.x, person.y);
    else this.#glide.to(person.x, person.y);
    this.#rest();
  }

  /** Goes on for so many seconds, and leaves ink where a pen is in the hand. */
  step(seconds: number, now: number): void {
    this.#glide.step(seconds);
    this.trail.fade(now);
    if (this.#person.tool !== "pen") this.trail.lift();
    else if (now - this.#movedAt < 1_000) this.trail.extend(this.#glide, now);
  }

  /** Puts it where it is, with its name inside of the board. */
  place({ width, height, scale }: Frame): void {
    const x = within(this.#glide.x * scale, 0, width);
    const y = within(this.#glide.y * scale, 0, height);
    this.element.style.transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px)`;

    const right = within(GAP * 0.7, -x + MARGIN, width - x - this.#tagWidth - MARGIN);
    const fits = y + GAP + this.#tagHeight + MARGIN <= height;
    const below = fits ? GAP : -this.#tagHeight - GAP * 0.6;
    this.#tag.style.transform = `translate(${right.toFixed(2)}px, ${below.toFixed(2)}px)`;
  }

  /** Takes it off the board. */
  remove(): void {
    this.#size.disconnect();
    clearTimeout(this.#bubbleEnd);
    clearTimeout(this.#restStart);
    this.element.remove();
  }

  #dress({ name, hue, tool, typing, activity }: Person): void {
    say(this.#name, name);
    if (hue !== null) this.element.style.setProperty("--hue", String(hue));
    this.element.classList.toggle("typing", typing);
    mark(this.element, "activity", activity);
    if (tool === this.#tool) return;
    this.#tool = tool;
    this.#hand.innerHTML = shapeOf(tool);
  }

  #speak(message: string): void {
    clearTimeout(this.#bubbleEnd);
    const { classList } = this.element;
    classList.toggle("speaking", message !== "");
    if (message === "") return;
    say(this.#bubble, message);
    this.#bubbleEnd = setTimeout(() => classList.remove("speaking"), BUBBLE_MS);
  }

  #rest(): void {
    clearTimeout(this.#restStart);
    const { classList } = this.element;
    classList.remove("resting");
    this.#restStart = setTimeout(() => classList.add("resting"), REST_MS);
  }
}

/** As near as the limits allow; the lower one wins. */
function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
