import { useState } from "react";

import { addressOf } from "./address.js";
import { Icon } from "./icons.js";
import { useRoom } from "./room.js";

const THANKS_MS = 2_000;

/** Copies the address that leads others here. */
export function CopyLink() {
  const { board } = useRoom();
  const [words, setWords] = useState("Copy link");
  const copy = async () => {
    await copied(addressOf(board, location.href));
    setWords("Copied");
    setTimeout(() => setWords("Copy link"), THANKS_MS);
  };
  return (
    <button className="button copy" type="button" onClick={copy}>
      <Icon name="link" />
      <span className="label">{words}</span>
    </button>
  );
}

/** How to be two, for who is alone. */
export function Invitation() {
  const { board } = useRoom();
  return (
    <div className="invitation">
      <p>Nobody else is here yet. A second tab is a second person.</p>
      <a className="button strong second-tab" target="_blank" rel="noopener" href={addressOf(board, location.href)}>
        Open a second tab
      </a>
    </div>
  );
}

async function copied(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not allowed, or not served securely: the visitor can copy from a prompt.
    prompt("The link to this board:", text);
  }
}
