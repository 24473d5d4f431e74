import type { Cursor, Status, Tool } from "generated";
import type { Activity, Member } from "presence-client";

import { hueOf } from "./color.js";
import { nameOr } from "./name.js";

/** Somebody on the board: a cursor, with what the same member says in the room. */
export interface Person {
  readonly id: string;
  readonly you: boolean;
  readonly name: string;
  /** Degrees; nothing for oneself until the server has said who that is. */
  readonly hue: number | null;
  readonly x: number;
  readonly y: number;
  readonly tool: Tool;
  readonly typing: boolean;
  readonly message: string;
  readonly activity: Activity;
}

/** The person that a member of the board and perhaps of the room is. */
export function personOf(member: Member<Cursor>, status: Member<Status> | undefined, you: boolean): Person {
  const { x, y, label, tool, typing } = member.value;
  return {
    id: you ? "you" : member.member,
    you,
    name: nameOr(label),
    hue: member.member === "" ? null : hueOf(member.member),
    x,
    y,
    tool,
    typing,
    message: status?.value.message ?? "",
    activity: member.activity,
  };
}
