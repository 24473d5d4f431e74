/** "Ann and Bo are typing". Nobody has to say that they stopped: it decays. */

import type { TopicHandle } from "presence-client";
import { typing } from "presence-client/typing";
import type { chatter } from "../../generated/index.js";

export const typingUsers = (chat: TopicHandle<typeof chatter>) =>
  new Set(chat.value().others.filter(({ value }) => value.typing).map(({ value }) => value.name));

export function typingIndicator(chat: TopicHandle<typeof chatter>, input: HTMLInputElement, indicator: HTMLElement) {
  input.addEventListener("input", () => chat.update({ typing: input.value !== "" }));
  return chat.subscribe(() => void (indicator.textContent = typing([...typingUsers(chat)])));
}
