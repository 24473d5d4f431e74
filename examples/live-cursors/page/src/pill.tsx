import { useStatus } from "presence-client/react";
import { useEffect, useReducer } from "react";

import { HEARD, lookOf } from "./connection.js";

/** How the client is connected, with a countdown to the next attempt. */
export function Pill() {
  const status = useStatus();
  const [, tick] = useReducer((ticks: number) => ticks + 1, 0);
  const counts = status.retryAt !== null;
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(tick, 200);
    return () => clearInterval(timer);
  }, [counts]);

  const { tone, text } = lookOf(status, performance.now());
  useEffect(() => {
    document.documentElement.dataset["connection"] = tone;
  }, [tone]);
  return (
    <p className="connection" data-tone={tone} title={status.error?.message}>
      <span className="text" aria-hidden="true">
        {text}
      </span>
      <span className="unseen" role="status">
        {HEARD[tone]}
      </span>
    </p>
  );
}
