/** A text that several people write, each seeing who else is there and who is typing. */

import { useOthers, usePresence } from "presence-client/react";
import { editor } from "../../generated/index.js";

export function CollaborativeEditor({ document, name }: { readonly document: string; readonly name: string }) {
  const here = usePresence(editor, { document }, { name });
  const others = useOthers(here);
  return (
    <div>
      {others.map(({ member, value }) => (
        <div key={member}>{value.name} {value.isTyping ? "is typing…" : ""}</div>
      ))}
      <textarea
        onKeyDown={() => here.update({ isTyping: true })}
        onBlur={() => here.update({ isTyping: false, cursor: null })}
      />
    </div>
  );
}
