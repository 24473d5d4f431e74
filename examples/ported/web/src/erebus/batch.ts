/** Calls at most every 100 ms, with everybody as they are by then. */

import { PresenceClient } from "presence-client";
import type { ClientOptions } from "presence-client";

export const unhurried = (options: ClientOptions) => new PresenceClient({ ...options, pace: 100 });
