import { useSelf } from "presence-client/react";

import { Icon } from "./icons.js";
import { patch, useRoom } from "./room.js";
import { CALLED, TOOLS } from "./tools.js";

/** The tools to choose from: one radio group, and a digit each while the board has the focus. */
export function Toolbar() {
  const { cursors } = useRoom();
  const inHand = useSelf(cursors, (self) => self?.value.tool ?? "pointer");
  return (
    <fieldset className="tools">
      <legend className="unseen">Tool</legend>
      {TOOLS.map((tool, i) => (
        <label key={tool} title={`${CALLED[tool]} (${i + 1})`}>
          <input
            type="radio"
            name="tool"
            aria-label={CALLED[tool]}
            checked={tool === inHand}
            onChange={() => patch(cursors, { tool })}
          />
          <Icon name={tool} />
        </label>
      ))}
    </fieldset>
  );
}
