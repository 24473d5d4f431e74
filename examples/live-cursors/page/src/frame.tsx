import type { UserId } from "presence-client";
import { useMembers, useOnJoin, useOnLeave, useOnUpdate, useUsers } from "presence-client/react";
import { useEffect, useMemo } from "react";

import { inHue, useHue } from "./hues.js";
import { nameOr } from "./name.js";
import { useRoom } from "./room.js";
import { list } from "./sentence.js";
import { useFollowing } from "./use-following.js";

/** Follow mode around the board: whom one follows, in their colour, and who follows. */
export function Frame() {
  const { cursors } = useRoom();
  const { leader, followers, stop } = useFollowing();
  const names = useUsers(cursors, (users) =>
    users.filter(({ user }) => followers.includes(user)).map(({ members: [first] }) => nameOr(first?.value.label ?? "")),
  );

  // Wherever the focus is, except where Escape already means something.
  useEffect(() => {
    const press = ({ key, target }: KeyboardEvent) => {
      if (key === "Escape" && !(target instanceof Element && target.matches("input, textarea"))) stop();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [stop]);

  return (
    <>
      {leader !== undefined && <Led key={leader} leader={leader} stop={stop} />}
      <p className="followers" role="status">
        {names.length > 0 && `${list(names)} ${names.length === 1 ? "follows" : "follow"} you`}
      </p>
    </>
  );
}

function Led({ leader, stop }: { leader: UserId; stop: () => void }) {
  const { cursors, viewports, scene, toasts } = useRoom();
  // The server tells of this one viewport alone.
  const seen = useMemo(() => viewports.only({ users: [leader] }), [viewports, leader]);
  useOnJoin(seen, ({ value }) => scene.lead(value));
  useOnUpdate(seen, ({ value }) => scene.lead(value));
  useEffect(() => () => scene.release(), [scene]);

  const member = useMembers(cursors, (members) => members.find(({ user }) => user === leader)?.member);
  const name = useMembers(cursors, (members) => nameOr(members.find(({ user }) => user === leader)?.value.label ?? ""));
  useOnLeave(cursors, ({ user, value }, reason) => {
    // When the server itself was away, everybody is back within moments.
    if (user !== leader || reason === "unseen" || reason === "shutdown" || cursors.user(user)) return;
    toasts.show(`You follow ${nameOr(value.label)} no longer`);
    stop();
  });
  return (
    <div className="frame" style={inHue(useHue(member))}>
      <p className="leader">
        <span role="status">Following {name}</span>
        <button type="button" title="Stop (Esc)" aria-keyshortcuts="Escape" onClick={stop}>
          Stop
        </button>
      </p>
    </div>
  );
}
