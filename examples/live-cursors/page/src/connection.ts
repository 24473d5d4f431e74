import type { PresenceClient, Status } from "presence-client";

import { find, say } from "./dom.js";

/** What the pill says, and how it looks. */
interface Look {
  readonly tone: "waiting" | "live" | "lost" | "over";
  readonly text: string;
}

/** Shows how the client is connected, and counts down to the next attempt. */
export function showConnection(client: PresenceClient): void {
  const pill = find(".connection");
  const text = find(".text", pill);
  const heard = find("[role=status]", pill);
  let counting: ReturnType<typeof setInterval> | undefined;

  const show = () => {
    const look = lookOf(client.status, performance.now());
    say(text, look.text);
    say(heard, HEARD[look.tone]);
    pill.dataset["tone"] = look.tone;
    pill.title = client.status.error?.message ?? "";
    document.documentElement.dataset["connection"] = look.tone;
    const counts = client.status.retryAt !== null;
    if (counts && counting === undefined) counting = setInterval(show, 200);
    if (counts || counting === undefined) return;
    clearInterval(counting);
    counting = undefined;
  };
  client.onStatus(show);
  show();
}

/** For those who only hear the page: without the seconds. */
const HEARD = { waiting: "Connecting", live: "Live", lost: "Connection lost, reconnecting", over: "Disconnected" };

/** How a status looks at a time of the same clock. */
export function lookOf({ state, retryAt, error }: Status, now: number): Look {
  switch (state) {
    case "live":
      return { tone: "live", text: "Live" };
    case "syncing":
      return { tone: "waiting", text: "Catching up…" };
    case "connecting":
    case "stale": {
      const tone = state === "stale" ? "lost" : "waiting";
      const again = state === "stale" ? "Reconnecting" : "Connecting";
      const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1_000);
      return { tone, text: seconds > 0 ? `${again} in ${seconds} s` : `${again}…` };
    }
    case "closed":
      return { tone: "over", text: error?.code === "taken_over" ? "Open in another tab" : "Disconnected" };
    default:
      state satisfies never;
      return { tone: "over", text: "Disconnected" };
  }
}
