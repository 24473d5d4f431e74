/** Somebody as the page shows them: a user, whose tabs say the same or nearly so. */

import type { Availability, Reader } from "generated";
import type { Activity, User, UserId } from "presence-client";

import { guest } from "./guest";

export interface Person {
  readonly user: UserId;
  readonly you: boolean;
  readonly name: string;
  readonly availability: Availability["state"];
  readonly activity: Activity;
  readonly message: string;
  /** What they say to everybody here, for a moment. */
  readonly remark: string;
  readonly tabs: number;
}

/** The person that a user is. What the tabs say differently, the last word has. */
export function personOf({ user, activity, members }: User<Reader>): Person {
  const said = [...members].sort((a, b) => b.updatedMs - a.updatedMs).map(({ value }) => value);
  const [last] = said;
  return {
    user,
    you: user === guest.id,
    name: last?.name || "Somebody",
    availability: last?.availability.state ?? "available",
    activity,
    message: last?.message ?? "",
    remark: said.find(({ remark }) => remark !== "")?.remark ?? "",
    tabs: members.length,
  };
}

/** Oneself first, then everybody in the order of joining. */
export function peopleOf(users: readonly User<Reader>[]): readonly Person[] {
  // Until the server has said who one is, one is nobody.
  const people = users.filter(({ user }) => user !== "").map(personOf);
  return [...people.filter(({ you }) => you), ...people.filter(({ you }) => !you)];
}
