/** The board's name, which is part of the page's address: `?board=42`. */

const DEFAULT = "42";

/** The board that the address names. What cannot be part of a topic's name becomes a dash. */
export function boardOf(search: string): string {
  const asked = new URLSearchParams(search).get("board")?.trim() ?? "";
  const name = asked.replace(/[^A-Za-z0-9_.~@-]+/g, "-").slice(0, 64);
  return name || DEFAULT;
}

/** The address that leads others to the same board. */
export function addressOf(board: string, here: string): string {
  const url = new URL(here);
  url.search = `?board=${encodeURIComponent(board)}`;
  url.hash = "";
  return url.href;
}
