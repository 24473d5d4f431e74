import type { Member } from "presence-client";
import { useMembers, useStatus } from "presence-client/react";
import { createContext, useContext, useMemo, useState } from "react";
import type { CSSProperties, ReactNode } from "react";

import { Palette } from "./color.js";
import { useRoom } from "./room.js";

const Context = createContext<ReadonlyMap<string, number>>(new Map());

/** Gives everybody who is here their hue. It is rendered when somebody comes or goes. */
export function Hues({ children }: { children: ReactNode }) {
  const { cursors } = useRoom();
  const ids = useMembers(cursors, inOrder);
  const { state } = useStatus(cursors);
  const [palette] = useState(() => new Palette());
  // Until everybody who was here before is known, nobody has a colour.
  const [arrived, arrive] = useState(false);
  if (!arrived && state === "live") arrive(true);
  const hues = useMemo(() => new Map(palette.of(arrived ? ids : [])), [palette, ids, arrived]);
  return <Context value={hues}>{children}</Context>;
}

/** A member's hue in degrees; nothing until everybody who is here is known. */
export function useHue(member: string | null | undefined): number | undefined {
  return useContext(Context).get(member ?? "");
}

/** What makes something be in a hue. */
export function inHue(hue: number | undefined): CSSProperties {
  return hue === undefined ? {} : ({ "--hue": hue } as CSSProperties);
}

/** Ids in the order of joining, which is the same for everybody. */
function inOrder(members: readonly Member[]): readonly string[] {
  const before = (a: Member, b: Member) => a.joinedMs - b.joinedMs || (a.member < b.member ? -1 : 1);
  return [...members].sort(before).map(({ member }) => member);
}
