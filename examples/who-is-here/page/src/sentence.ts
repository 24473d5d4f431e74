/** What the page says in words. */

import type { Availability } from "generated";
import type { Activity, LeaveReason, Status } from "presence-client";

import type { Person } from "./person";

export const AVAILABILITIES = ["available", "busy", "do_not_disturb"] as const satisfies readonly Availability["state"][];

const AVAILABLE = { available: "Available", busy: "Busy", do_not_disturb: "Do not disturb" } as const;
const RESTING = { active: "", idle: "idle", away: "away" } as const;

/** Whether to disturb, in words. */
export function availability(state: Availability["state"]): string {
  return AVAILABLE[state];
}

/** Whether to disturb somebody, and whether they would notice: "Busy", "Away", "Do not disturb, idle". */
export function doing({ availability: state, activity }: { availability: Availability["state"]; activity: Activity }): string {
  const resting = RESTING[activity];
  if (!resting) return AVAILABLE[state];
  return state === "available" ? resting[0]?.toUpperCase() + resting.slice(1) : `${AVAILABLE[state]}, ${resting}`;
}

/** "Only you are here", "You and Ann are here", "You, Ann, Bo, and 3 others were here". */
export function here(people: readonly Person[], { now = true } = {}): string {
  const [is, are] = now ? ["is", "are"] : ["was", "were"];
  const names = people.map(({ you, name }) => (you ? "You" : name));
  const [first] = names;
  if (first === undefined) return `Nobody ${is} here`;
  if (names.length === 1) return people[0]?.you ? `Only you ${are} here` : `${first} ${is} here`;
  // A single one who is not named would take as much room as the name.
  const named = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} others`] : names;
  return `${new Intl.ListFormat("en").format(named)} ${are} here`;
}

/** That somebody is gone, and why. */
export function gone(name: string, reason: LeaveReason): string {
  if (reason === "disconnected" || reason === "expired") return `${name} lost the connection`;
  return reason === "kicked" ? `${name} was sent away` : `${name} left`;
}

/** A number of people. */
export function readers(count: number): string {
  return count === 1 ? "1 reader" : `${count} readers`;
}

/** How the client is connected, at a time of its clock. */
export function connection({ state, retryAt, error }: Status, now: number): string {
  switch (state) {
    case "live":
      return "Live";
    case "syncing":
      return "Catching up…";
    case "connecting":
    case "stale": {
      const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1_000);
      const again = state === "stale" ? "Reconnecting" : "Connecting";
      return seconds > 0 ? `${again} in ${seconds} s` : `${again}…`;
    }
    case "closed":
      return error?.code === "taken_over" ? "Open in another tab" : "Disconnected";
    default:
      return state satisfies never;
  }
}
