import { PresenceClient } from "presence-client";

import { addressOf, boardOf } from "./address.js";
import { Board, SIZE } from "./board.js";
import { showConnection } from "./connection.js";
import { find, say } from "./dom.js";
import { chosenName, recall, remember } from "./memory.js";
import { MessageLine } from "./message.js";
import { randomName, tidy } from "./name.js";
import { News } from "./news.js";
import { editName } from "./ownname.js";
import { People } from "./people.js";
import type { Person } from "./person.js";
import { followPointer } from "./pointer.js";
import { Room } from "./room.js";
import { offerLink } from "./share.js";
import { Specimen } from "./specimen.js";
import { Toasts } from "./toasts.js";
import { Tools } from "./tools.js";

const name = boardOf(location.search);
const before = recall(name);
const self = {
  board: name,
  name: tidy(chosenName() ?? before?.name ?? "") || randomName(),
  x: before?.x ?? Math.round(SIZE.width * (0.25 + Math.random() / 2)),
  y: before?.y ?? Math.round(SIZE.height * (0.25 + Math.random() / 2)),
  tool: before?.tool ?? "pointer",
  message: before?.message ?? "",
};

const client = new PresenceClient({ url: "/presence" });
const toasts = new Toasts();
const news = new News((text) => toasts.show(text));
const room = new Room(client, name, {
  people: show,
  joined: (id, name) => news.joined(id, name),
  left: (id, name, reason) => news.left(id, name, reason),
});

const board = new Board();
const people = new People();
const specimen = new Specimen();
const line = new MessageLine({
  write: (typing) => room.write(typing),
  say(message) {
    self.message = message;
    room.say(message);
  },
  done: () => board.element.focus(),
});
const tools = new Tools(board.element, (tool) => {
  self.tool = tool;
  room.take(tool);
});

say(find(".board-name"), name);
document.title = `Board ${name} · live cursors`;
board.element.setAttribute("aria-label", `Board ${name}`);
offerLink(addressOf(name, location.href));
editName(self.name, (name) => {
  self.name = name;
  room.rename(name);
});
showConnection(client);

const { x, y, tool } = self;
room.enter({ x, y, label: self.name, tool }, self.message);
tools.take(tool);
followPointer(board, {
  get x() {
    return self.x;
  },
  get y() {
    return self.y;
  },
  move(x, y) {
    self.x = x;
    self.y = y;
    room.move(x, y);
  },
});

// The text tool writes where it is put down; Enter on the board does the same for the keyboard.
board.element.addEventListener("click", () => {
  if (self.tool === "text") line.focus();
});
board.element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  line.focus();
});
addEventListener("pagehide", () => remember(self));

function show(everybody: readonly Person[]): void {
  board.show(everybody);
  people.show(everybody);
  line.show(everybody);
  const you = everybody.find((it) => it.you);
  if (you) specimen.show(you);
  if (you && you.hue !== null) document.documentElement.style.setProperty("--me", String(you.hue));
}
