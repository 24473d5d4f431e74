/**
 * What the page remembers. A name that somebody chose is theirs in every tab; what was said and where
 * one looked belong to the tab, so that a reload brings back the same member unchanged.
 */

import type { Cursor, Note } from "generated";

import type { Region } from "./camera.js";

const NAME = "live-cursors:name";
const TAB = "live-cursors:tab";

/** What a tab had when its page ended. */
export interface Tab {
  readonly board: string;
  readonly cursor: Cursor;
  readonly message: string;
  readonly notes: readonly Note[];
  readonly region: Region;
}

/** The name that was chosen, in this tab or another. */
export function chosenName(): string | null {
  return attempt(() => localStorage.getItem(NAME));
}

/** Keeps a chosen name. */
export function chooseName(name: string): void {
  attempt(() => localStorage.setItem(NAME, name));
}

/** What this tab had, if it was on the same board. */
export function recall(board: string): Tab | null {
  const tab = attempt(() => JSON.parse(sessionStorage.getItem(TAB) ?? "null") as Tab | null);
  return tab?.board === board ? tab : null;
}

/** Keeps what this tab has. */
export function remember(tab: Tab): void {
  attempt(() => sessionStorage.setItem(TAB, JSON.stringify(tab)));
}

/** Storage may be forbidden, full or foreign: then nothing is remembered. */
function attempt<Result>(use: () => Result): Result | null {
  try {
    return use();
  } catch {
    return null;
  }
}
