/** The people at a document, each in a colour of their own. */

import { useOthers, usePresence } from "presence-client/react";
import { editor } from "../../generated/index.js";
import type { EditorInput } from "../../generated/index.js";

export function ActiveUsers({ document, me }: { readonly document: string; readonly me: EditorInput }) {
  const others = useOthers(usePresence(editor, { document }, me));
  return (
    <div className="active-users">
      {others.map(({ member, value }) => (
        <span key={member} style={{ color: value.color ?? "inherit" }}>{value.name}</span>
      ))}
    </div>
  );
}
