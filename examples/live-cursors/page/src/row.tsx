import type { UserId } from "presence-client";
import { useActivity, useMembers, useSelf, useUsers } from "presence-client/react";
import { memo } from "react";

import { inHue, useHue } from "./hues.js";
import { initials, nameOr } from "./name.js";
import { OwnName } from "./own-name.js";
import { useRoom } from "./room.js";
import { DOING } from "./tools.js";
import { useFollowing } from "./use-following.js";

const RESTING = { idle: "Idle", away: "Away" } as const;

/** Somebody else: who they are, how busy, and what they say. A click follows them. */
export const Row = memo(function Row({ user }: { user: UserId }) {
  const { cursors } = useRoom();
  const { leader, followers, follow, stop } = useFollowing();
  const look = useUsers(cursors, (users) => {
    const found = users.find((it) => it.user === user);
    const first = found?.members[0];
    if (!found || !first) return null;
    const typing = found.members.some(({ value }) => value.typing);
    const { label, tool } = first.value;
    return { member: first.member, name: nameOr(label), tool, typing, activity: found.activity };
  });
  const message = useMessage(look?.member);
  const hue = useHue(look?.member);
  if (!look) return null;
  const { member, name, tool, typing, activity } = look;
  const led = leader === user;
  return (
    <li className="row" data-member={member} data-activity={activity} data-typing={typing} data-led={led} style={inHue(hue)}>
      <button type="button" className="person" onClick={() => (led ? stop() : follow(user))}>
        <span className="avatar" aria-hidden="true">
          {initials(name)}
        </span>
        <span className="words">
          <span className="line">
            <span className="name">{name}</span>
            {message && activity !== "active" && <span className="badge">{RESTING[activity]}</span>}
            {followers.includes(user) && <span className="badge">Follows you</span>}
          </span>{" "}
          <span className={message ? "doing said" : "doing"}>{message || (activity === "active" ? DOING[tool] : RESTING[activity])}</span>
        </span>{" "}
        <span className="follow">{led ? "Stop following" : "Follow"}</span>
      </button>
    </li>
  );
});

/** Oneself. */
export function OwnRow() {
  const { cursors } = useRoom();
  const self = useSelf(cursors, (self) => self && { member: self.member, name: nameOr(self.value.label), tool: self.value.tool });
  const activity = useActivity(cursors) ?? "active";
  const message = useMessage(self?.member);
  const hue = useHue(self?.member);
  const { name = "", tool = "pointer" } = self ?? {};
  return (
    <li className="row you" data-activity={activity} style={inHue(hue)}>
      <span className="avatar" aria-hidden="true">
        {initials(name)}
      </span>
      <span className="words">
        <span className="line">
          <OwnName name={name} />
          <span className="badge">You</span>
        </span>
        <span className={message ? "doing said" : "doing"}>{message || (activity === "active" ? DOING[tool] : RESTING[activity])}</span>
      </span>
    </li>
  );
}

function useMessage(member: string | undefined): string {
  const { statuses } = useRoom();
  return useMembers(statuses, (members) => members.find((it) => it.member === member)?.value.message ?? "");
}
