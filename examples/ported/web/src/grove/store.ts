/** What is known here of others at documents, without asking the server. */

import type { PresenceClient, TopicHandle, UserId } from "presence-client";
import type { editor } from "../../generated/index.js";

export const peers = (document: TopicHandle<typeof editor>) => document.value().others;
export const peer = (document: TopicHandle<typeof editor>, user: UserId) => document.user(user);
export const onPeers = (document: TopicHandle<typeof editor>, call: () => void) => document.onChange(call);
export const onAny = (client: PresenceClient, call: (topic: string) => void) => client.onChange(call);
