import type { Cursor, Status, Tool } from "generated";
import type { Activity, Member } from "presence-client";

import { nameOr } from "./name.js";

/** Somebody on the board: a cursor, with what the same member says in the room. */
export interface Person {
  readonly id: string;
  readonly you: boolean;
  readonly name: string;
  /** Degrees; nothing until everybody who is here is known. */
  readonly hue: number | null;
  readonly x: number;
  readonly y: number;
  readonly tool: Tool;
  readonly typing: boolean;
  readonly message: string;
  readonly activity: Activity;
}

/** What is known of a member beside its cursor. */
export interface About {
  readonly status: Member<Status> | undefined;
  readonly hue: number | undefined;
  readonly you: boolean;
}

/** The person that a member of the board and perhaps of the room is. */
export function personOf(member: Member<Cursor>, { status, hue, you }: About): Person {
  const { x, y, label, tool, typing } = member.value;
  return {
    id: you ? "you" : member.member,
    you,
    name: nameOr(label),
    hue: hue ?? null,
    x,
    y,
    tool,
    typing,
    message: status?.value.message ?? "",
    activity: member.activity,
  };
}
