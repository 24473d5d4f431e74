import { useTyping } from "presence-client/react";
import { useState } from "react";
import type { FormEvent, RefObject } from "react";

import { Dots, Icon } from "./icons.js";
import { nameOr } from "./name.js";
import { patch, said, useRoom } from "./room.js";

/** The most characters of a message, as `Status.message` has it. */
const MAX_CHARS = 140;
const MESSAGES = { one: (names: string) => `${names} is typing…`, several: (names: string) => `${names} are typing…` };

/** The line to write in. */
export function MessageLine({ input, done }: { input: RefObject<HTMLInputElement | null>; done: () => void }) {
  const { cursors, statuses } = useRoom();
  const [text, setText] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    setText("");
    patch(cursors, { typing: false });
    patch(statuses, said(Array.from(text.trim()).slice(0, MAX_CHARS).join("")));
  };
  return (
    <form className="message" onSubmit={send}>
      <input
        ref={input}
        aria-label="Message to everybody here"
        placeholder="Say something"
        maxLength={MAX_CHARS}
        autoComplete="off"
        enterKeyHint="send"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          // Said again at each letter: it falls back by itself a while after the last.
          patch(cursors, { typing: target.value.trim() !== "" });
        }}
        onBlur={() => patch(cursors, { typing: false })}
        onKeyDown={({ key }) => {
          if (key === "Escape") done();
        }}
      />
      <button type="submit" aria-label="Send">
        <Icon name="send" />
      </button>
    </form>
  );
}

/** Who else is writing. */
export function TypingLine() {
  const { cursors } = useRoom();
  const sentence = useTyping(cursors, { name: ({ value }) => nameOr(value.label), messages: MESSAGES });
  return (
    <p className={sentence ? "typing-line somebody" : "typing-line"} aria-live="polite">
      <Dots />
      <span className="text">{sentence}</span>
    </p>
  );
}
