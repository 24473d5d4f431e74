import { same } from "./same.js";

/** What was picked before. */
export interface Picked<Part> {
  readonly value: Part;
}

/** Whether what was picked is what was picked before, so that nothing has to be painted anew. */
export type Equality<Part> = (before: Part, now: Part) => boolean;

/**
 * Picks a part of what is seen: once for each thing that is seen, and the same object as before while
 * it is equal. Goes on from `before`, for a selector that is another function at every call.
 */
export function picker<Seen, Part>(
  select: (seen: Seen) => Part,
  equality: Equality<Part> = same,
  before?: () => Picked<Part> | undefined,
): (seen: Seen) => Part {
  let from: { readonly seen: Seen } | undefined;
  let picked: Picked<Part> | undefined;
  return (seen) => {
    if (picked && from && Object.is(from.seen, seen)) return picked.value;
    const value = select(seen);
    const last = picked ?? before?.();
    from = { seen };
    picked = last && equality(last.value, value) ? last : { value };
    return picked.value;
  };
}
