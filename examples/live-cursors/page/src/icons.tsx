/** The page's small drawings: lines in the colour of the text around them. */

const LINES = {
  link: "M7.5 11.5l5-5M9 5l1.4-1.4a3.4 3.4 0 0 1 5 4.9l-1.5 1.4M11 14.5L9.6 16a3.4 3.4 0 0 1-5-4.9L6 9.6",
  pointer: "M5 3.5l4.2 12.6 2.4-5 5-2.4z",
  pen: "M3.5 16.5l1.1-4.1 8.6-8.6a1.4 1.4 0 0 1 2 0l1 1a1.4 1.4 0 0 1 0 2l-8.6 8.6zM11.7 5.3l3 3",
  eraser: "M8 16.5l-4-4a1.4 1.4 0 0 1 0-2l6.5-6.5a1.4 1.4 0 0 1 2 0l4 4a1.4 1.4 0 0 1 0 2l-6.5 6.5zM7.2 7.3l6 6M8 16.5h8.5",
  text: "M4 4h12v8.5L12.5 16H4zM16 12.5h-3.5V16M7 8h6M7 11h3.5",
  send: "M10 16V4.5M5 9l5-5 5 5",
  plus: "M10 4.5v11M4.5 10h11",
  minus: "M4.5 10h11",
  home: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  close: "M5 5l10 10M15 5L5 15",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 7.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4",
} as const;

/** A drawing by its name; whoever uses it says what it means. */
export function Icon({ name }: { name: keyof typeof LINES }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={LINES[name]} />
    </svg>
  );
}

/** Somebody is writing. */
export function Dots() {
  return (
    <span className="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
