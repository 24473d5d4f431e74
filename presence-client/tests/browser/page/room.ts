/** A page that is present on a board, and notes whatever it is told. What to do is in its address. */

import { cursor } from "../../../../generated/index.js";
import { PresenceClient } from "../../../src/index.js";
import type { Carrier, Member, MemberId, State, UserId, View } from "../../../src/index.js";

/** Somebody as the page shows them. */
export interface Shown {
  readonly label: string;
  readonly x: number;
  readonly activity: string;
  readonly member: MemberId;
  readonly user: UserId;
}

/** What the page knows and was told. */
export interface RoomState {
  readonly status: State;
  readonly transport: Carrier;
  readonly self: Shown | null;
  readonly others: readonly Shown[];
  /** Of the view. */
  readonly view: State;
  readonly asOf: number | null;
  readonly following: readonly UserId[];
  readonly followers: readonly UserId[];
  /** Who joined and left, and why. */
  readonly log: readonly string[];
  /** The labels of the others in each view that was told, behind the view's status. */
  readonly views: readonly string[];
  /** What the client reported. */
  readonly errors: readonly string[];
  readonly visibility: string;
  /** Whether the page came from the back-forward cache. */
  readonly persisted: boolean;
  /** How far a timer of a second got, by the page's clock. */
  readonly ticks: readonly number[];
  readonly now: number;
}

const asked = new URLSearchParams(location.search);
const label = asked.get("label");
const transport = (asked.get("transport") ?? "auto") as Carrier | "auto";

const log: string[] = [];
const views: string[] = [];
const errors: string[] = [];
const ticks: number[] = [];
let persisted = false;
addEventListener("pageshow", (event) => {
  persisted = event.persisted;
});
addEventListener("error", ({ message }) => void errors.push(message));
addEventListener("unhandledrejection", ({ reason }) => void errors.push(String(reason)));
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  errors.push(`${violatedDirective} forbids ${blockedURI}`);
});
setInterval(() => ticks.push(Math.round(performance.now())), 1_000);

const client = new PresenceClient({ url: "/presence", transport, onError: (error) => void errors.push(`${error.code}: ${error.message}`) });
const board = client.topic(cursor, { board: asked.get("board") ?? "test" });

const shown = ({ member, user, value, activity }: Member<{ label: string; x: number }>): Shown => ({
  label: value.label,
  x: value.x,
  activity,
  member,
  user,
});

board.onJoin(({ value }) => void log.push(`${value.label} joined`));
board.onLeave(({ value }, reason) => void log.push(`${value.label} left: ${reason}`));
board.onChange(({ status, others }) => void views.push([status, ...others.map(({ value }) => value.label).sort()].join(" ")));
if (label !== null) void board.heartbeat({ x: 0, y: 0, label });

/** So many rows are added to the list before a frame: laying them out is what takes long. */
const ROWS = 100;

/** Shows a crowd as a list, some rows a frame, as a page does that has many to show. */
function show(list: Element, members: readonly Member<{ label: string }>[]): Promise<void> {
  return new Promise((resolve) => {
    const more = () => {
      const from = list.children.length;
      const rows = members.slice(from, from + ROWS).map(({ value }) => {
        const row = document.createElement("li");
        row.textContent = value.label;
        return row;
      });
      list.append(...rows);
      if (list.children.length < members.length) requestAnimationFrame(more);
      else resolve();
    };
    requestAnimationFrame(more);
  });
}

const room = {
  /** Looks at another board until it has shown whoever is there: who joined, how many each view had, what is shown. */
  async watch(name: string): Promise<{ joined: number; sizes: readonly number[]; rows: number }> {
    const crowd = client.topic(cursor, { board: name });
    const list = document.querySelector("ul") as Element;
    const sizes = new Set<number>();
    let joined = 0;
    crowd.onJoin(() => void (joined += 1));
    await new Promise<void>((resolve) => {
      crowd.onChange(({ others, status }) => {
        if (status !== "live" && others.length === 0) return;
        sizes.add(others.length);
        resolve(show(list, others));
      });
    });
    return { joined, sizes: [...sizes], rows: list.children.length };
  },
  client,
  board,
  say: (x: number, called = label ?? "") => void board.heartbeat({ x, y: 0, label: called }).catch(() => {}),
  state(): RoomState {
    const view: View<{ label: string; x: number }> = board.value();
    const { self, others, status, asOf, following, followers } = view;
    return {
      status: client.status.state,
      transport: client.status.transport,
      self: self && shown(self),
      others: others.map(shown),
      view: status,
      asOf,
      following,
      followers,
      log,
      views,
      errors,
      visibility: document.visibilityState,
      persisted,
      ticks,
      now: Math.round(performance.now()),
    };
  },
  /** Forgets what was noted. */
  forget() {
    log.length = 0;
    views.length = 0;
    ticks.splice(0, Number.POSITIVE_INFINITY, Math.round(performance.now()));
  },
};

/** What a test may do on the page. */
export type Room = typeof room;

Object.assign(globalThis, { room });
