import type { Point } from "./trail.js";

/** How far a pressed pointer goes before it drags, in CSS pixels. */
const SLACK = 4;
/** A line of a wheel that counts in lines, in CSS pixels. */
const LINE = 16;

/** What a hand on the board does; places are the window's. */
export interface Hand {
  point(at: Point): void;
  /** The pointer is on the board, or is not any more. */
  hold(at: Point | undefined): void;
  /** Whether a pressed pointer drags the board along. */
  drags(): boolean;
  /** Pressed and let go at the same place. */
  tap(at: Point): void;
  pan(dx: number, dy: number): void;
  zoom(factor: number, towards: Point): void;
}

/** Hears mouse, pen, fingers and wheel on an element, until the returned function is called. */
export function hear(element: HTMLElement, hand: Hand): () => void {
  const down = new Map<number, Point>();
  /** Where it was pressed, until it has dragged or a second finger came. */
  let pressed: Point | undefined;
  let dragging = false;

  const place = ({ clientX: x, clientY: y }: MouseEvent): Point => ({ x, y });
  const elsewhere = ({ target }: Event) => target instanceof Element && target.closest(".note") !== null;

  const press = (event: PointerEvent) => {
    if (elsewhere(event)) return;
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, place(event));
    pressed = down.size === 1 ? place(event) : undefined;
    dragging = false;
    if (down.size === 1) move(event);
  };
  const move = (event: PointerEvent) => {
    const at = place(event);
    const before = down.get(event.pointerId);
    if (before) down.set(event.pointerId, at);
    if (down.size > 1) {
      if (before) pinch([...down.values()], before, at);
      return;
    }
    const middle = (event.buttons & 4) !== 0;
    if (before && pressed && (middle || hand.drags())) {
      dragging ||= Math.hypot(at.x - pressed.x, at.y - pressed.y) > SLACK;
      if (dragging) hand.pan(at.x - before.x, at.y - before.y);
      else down.set(event.pointerId, pressed);
    }
    hand.hold(at);
    hand.point(at);
  };
  const pinch = (fingers: readonly Point[], before: Point, at: Point) => {
    const other = fingers.find((it) => it !== at) ?? at;
    const apart = (it: Point) => Math.max(1, Math.hypot(it.x - other.x, it.y - other.y));
    hand.hold(undefined);
    hand.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    hand.zoom(apart(at) / apart(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
  };
  const release = (event: PointerEvent) => {
    down.delete(event.pointerId);
    if (pressed && !dragging && event.type === "pointerup") hand.tap(place(event));
    pressed = undefined;
    // A lifted finger is nowhere: the pointer stays where it was, and is quieter until it returns.
    if (event.type === "pointercancel" || event.pointerType === "touch") hand.hold(undefined);
  };
  const leave = () => hand.hold(undefined);
  const wheel = (event: WheelEvent) => {
    if (elsewhere(event) && !event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    const [x, y] = [event.deltaX * unit, event.deltaY * unit];
    // A pinch on a touchpad is a wheel with Ctrl.
    if (event.ctrlKey || event.metaKey) hand.zoom(Math.exp(-y * 0.01), place(event));
    else if (event.shiftKey && x === 0) hand.pan(-y, 0);
    else hand.pan(-x, -y);
  };

  const stop = new AbortController();
  const { signal } = stop;
  element.addEventListener("pointerdown", press, { signal });
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerup", release, { signal });
  element.addEventListener("pointercancel", release, { signal });
  element.addEventListener("pointerleave", leave, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
  return () => stop.abort();
}
