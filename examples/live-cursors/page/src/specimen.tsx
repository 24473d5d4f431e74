import { useSelf } from "presence-client/react";

import { inHue, useHue } from "./hues.js";
import { useRoom } from "./room.js";

/** The annotated struct in the middle of the board, each field beside what one says with it now. */
export function Specimen() {
  const { cursors } = useRoom();
  const self = useSelf(cursors);
  const hue = useHue(self?.member);
  const { x = 0, y = 0, label = "", tool = "pointer", typing = false } = self?.value ?? {};
  const rust = tool.charAt(0).toUpperCase() + tool.slice(1);
  return (
    <pre className="specimen" aria-hidden="true" style={inHue(hue)}>
      <code>
        {"#[derive("}<b>Presence</b>{")]\n"}
        {'#[presence(topic = "boards:{board}:cursors")]\n'}
        <i>pub struct</i> <b>Cursor</b>{" {\n"}
        <Field name="x" type="f64" is={x.toFixed(1)} />
        <Field name="y" type="f64" is={y.toFixed(1)} />
        <Field name="label" type="String" is={`"${label}"`} />
        <Field name="tool" type="Tool" is={rust} />
        <Field name="typing" type="bool" is={String(typing)} />
        {"}"}
      </code>
    </pre>
  );
}

function Field({ name, type, is }: { name: string; type: string; is: string }) {
  const room = " ".repeat(17 - name.length - type.length);
  return (
    <>
      {"    "}<i>pub</i> {name}: <b>{type}</b>,{room}<u>{`// ${is}`}</u>{"\n"}
    </>
  );
}
