/** There from now on, also after the server was restarted: what was said once is said again by itself. */

import type { PresenceClient } from "presence-client";
import { occupant } from "../../generated/index.js";

export const stay = (client: PresenceClient, room: string) => client.topic(occupant, { room }).heartbeat({ status: "online" });
