/** Being at a document: shown to others until one leaves, and told who else is there until that is stopped. */

import type { Member, PresenceClient } from "presence-client";
import { editor } from "../../generated/index.js";
import type { Editor, EditorInput } from "../../generated/index.js";

export function edit(client: PresenceClient, document: string, me: EditorInput, show: (editors: readonly Member<Editor>[]) => void) {
  const here = client.topic(editor, { document });
  const stop = here.onChange(({ members }) => show(members));
  here.heartbeat(me);
  return { here, stop };
}
