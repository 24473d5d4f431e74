/** What the page says in words. */

import type { LeaveReason } from "presence-client";

/** "Ann", "Ann and Bo", "Ann, Bo and Cy", "Ann, Bo and 2 others". */
export function list(names: readonly string[]): string {
  const [a = "", b = "", c = ""] = names;
  switch (names.length) {
    case 0:
    case 1:
      return a;
    case 2:
      return `${a} and ${b}`;
    case 3:
      return `${a}, ${b} and ${c}`;
    default:
      return `${a}, ${b} and ${names.length - 2} others`;
  }
}

/** That somebody is gone, and why. */
export function gone(name: string, reason: LeaveReason): string {
  switch (reason) {
    case "left":
      return `${name} left`;
    case "disconnected":
      return `${name} lost the connection`;
    case "expired":
      return `${name} has not been heard of for a while`;
    case "kicked":
      return `${name} was removed`;
    case "shutdown":
      return `${name} left as the server closed`;
    case "unseen":
      return `${name} left while you were away`;
    default:
      reason satisfies never;
      return `${name} left`;
  }
}

/** A number of people, for those who only hear the page. */
export function count(people: number): string {
  return people === 1 ? "1 person here" : `${people} people here`;
}
