import type { Status } from "presence-client";

/** What the pill says, and how it looks. */
export interface Look {
  readonly tone: "waiting" | "live" | "lost" | "over";
  readonly text: string;
}

/** For those who only hear the page: without the seconds. */
export const HEARD = { waiting: "Connecting", live: "Live", lost: "Connection lost, reconnecting", over: "Disconnected" };

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
