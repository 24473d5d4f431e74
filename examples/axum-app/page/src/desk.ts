import { cursor } from "generated";
import type { Cursor } from "generated";
import { PresenceError } from "presence-client";
import type { LeaveReason, Member, PresenceClient, TopicHandle } from "presence-client";

import { appoint, kick, people } from "./api.js";
import type { Me, Person, Role } from "./api.js";
import { find, make } from "./dom.js";
import type { Notices } from "./notices.js";
import { Roster } from "./roster.js";
import { SIZE, Stage } from "./stage.js";

type Board = TopicHandle<typeof cursor>;

/** The board that is open: one is there, sees who else is, and is told what one may not do. */
export class Desk {
  readonly #client: PresenceClient;
  readonly #me: Me;
  readonly #notices: Notices;
  readonly #stage = new Stage();
  readonly #roster = new Roster({
    kick: (user) => void this.#kick(user),
    appoint: (user, role) => void this.#appoint(user, role),
  });
  #name = "";
  #board: Board | undefined;
  #people: readonly Person[] = [];
  #stops: (() => void)[] = [];
  /** Where the own pointer is, on whatever board. */
  #at = { x: Math.round(SIZE.width * (0.2 + 0.5 * Math.random())), y: Math.round(SIZE.height * (0.3 + 0.5 * Math.random())) };
  /** What the server refused last, so that it is told once. */
  #refused: PresenceError | null = null;

  constructor(client: PresenceClient, me: Me, notices: Notices) {
    this.#client = client;
    this.#me = me;
    this.#notices = notices;
    this.#stage.onMove((x, y) => this.#move(x, y));
    const line = find<HTMLInputElement>(".line input");
    line.addEventListener("input", () => this.#present({ typing: line.value !== "" }));
    find<HTMLFormElement>(".line").addEventListener("submit", (event) => {
      event.preventDefault();
      line.value = "";
      this.#present({ typing: false });
    });
    find(".boards").replaceChildren(...me.boards.map((board) => this.#tab(board)));
  }

  /** Opens a board and leaves the one before. */
  async open(name: string): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    void this.#board?.leave();
    this.#name = name;
    this.#refused = null;
    for (const tab of document.querySelectorAll<HTMLElement>(".boards button")) {
      tab.setAttribute("aria-pressed", String(tab.dataset["board"] === name));
    }
    const board = this.#client.topic(cursor, { board: name });
    this.#board = board;
    this.#stops = [
      board.onChange(() => this.#show()),
      board.onJoin((it) => this.#notices.add("good", `${this.#nameOf(it)} is here`)),
      board.onLeave((it, reason) => this.#notices.add("plain", `${this.#nameOf(it)} ${GONE[reason]}`)),
    ];
    this.#present({});
    await this.#learn();
  }

  #tab(board: string): HTMLElement {
    const button = make("button", "", board);
    button.type = "button";
    button.dataset["board"] = board;
    button.addEventListener("click", () => void this.open(board));
    return button;
  }

  #move(x: number, y: number): void {
    this.#at = { x, y };
    this.#present({});
  }

  /** Is there with this; what the server refuses shows in the view, so nobody has to wait for it. */
  #present(more: Partial<Cursor>): void {
    const [label = ""] = this.#me.person.name.split(" ");
    if (this.#board?.value().self) void this.#board.update({ ...this.#at, ...more });
    else void this.#board?.heartbeat({ ...this.#at, label, ...more }).catch(() => {});
  }

  #show(): void {
    const view = this.#board?.value();
    if (!view) return;
    this.#stage.show(view, (member) => (member.user === "bot" ? member.value.label : this.#nameOf(member)));
    find<HTMLInputElement>(".line input").disabled = view.self === null;
    this.#roster.show(this.#name, this.#me.person.user, this.#people, view);
    if (view.error === this.#refused) return;
    this.#refused = view.error;
    if (view.error) this.#notices.add("no", view.error.message, view.error.code);
    // What one may do is likely to be something else by now.
    void this.#learn();
  }

  async #learn(): Promise<void> {
    this.#people = await people();
    this.#show();
  }

  /** Who somebody is the server says, by their user; what they call themselves anybody could. */
  #nameOf({ user }: Member<Cursor>): string {
    if (user === "bot") return "The board's bot";
    return this.#people.find((it) => it.user === user)?.name ?? user;
  }

  async #kick(user: string): Promise<void> {
    this.#tell(await kick(this.#name, user));
  }

  async #appoint(user: string, role: Role | null): Promise<void> {
    this.#tell(await appoint(this.#name, user, role));
    await this.#learn();
  }

  #tell(refused: string | undefined): void {
    if (refused) this.#notices.add("no", refused);
  }
}

const GONE: { readonly [Why in LeaveReason]: string } = {
  left: "left",
  disconnected: "lost the connection",
  expired: "fell silent",
  kicked: "was sent away",
  shutdown: "went with the server",
  unseen: "is not seen any more",
};
