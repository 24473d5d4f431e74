/** Who is in a chat, as a list and a number; somebody with two tabs is one. */

import type { TopicHandle, UserId } from "presence-client";
import type { chatter } from "../../generated/index.js";

export function userList(chat: TopicHandle<typeof chatter>, count: HTMLElement, list: HTMLElement) {
  return chat.subscribe(({ users }) => {
    count.textContent = `${users.length} online`;
    const names = users.map(({ user, members: [first] }) => first?.value.name ?? user);
    list.replaceChildren(...names.map((textContent) => Object.assign(document.createElement("div"), { textContent })));
  });
}

export const onlineUsers = (chat: TopicHandle<typeof chatter>) => chat.value().users.map(({ user }) => user);
export const isOnline = (chat: TopicHandle<typeof chatter>, user: UserId) => chat.user(user) !== undefined;
