import { useSelf, useUsers } from "presence-client/react";

import { Invitation } from "./share.js";
import { News } from "./news-view.js";
import { OwnRow, Row } from "./row.js";
import { useRoom } from "./room.js";
import { count } from "./sentence.js";

/** Who is here: oneself first, with the own name to edit, then everybody else. */
export function People() {
  const { cursors } = useRoom();
  const self = useSelf(cursors, (self) => self?.user);
  const users = useUsers(cursors, (users) => users.map(({ user }) => user));
  const others = users.filter((user) => user !== self);
  return (
    <aside className={others.length === 0 ? "people alone" : "people"} aria-label="Who is here">
      <h2>
        Here now{" "}
        <span className="count" role="img" aria-label={count(users.length)}>
          {users.length}
        </span>
      </h2>
      <ul className="everybody">
        <OwnRow />
        {others.map((user) => (
          <Row key={user} user={user} />
        ))}
      </ul>
      <Invitation />
      <News />
    </aside>
  );
}
