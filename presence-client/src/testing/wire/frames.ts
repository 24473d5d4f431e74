/** Parts of a topic as `snapshot` and `changes` messages, byte for byte as the server says them. */

import type { Entry } from "../topic/entry.js";
import { changedSince, version } from "../topic/entry.js";
import { author, read, userOf } from "../topic/reading.js";
import type { Reading, Told } from "../topic/reading.js";
import type { Topic } from "../topic/topic.js";

/** Whom a reader is told of: everybody, nobody but the numbers, or these users. */
export type Scope = "everybody" | "count" | ReadonlySet<string>;

/** A message of a topic. */
export interface Frame {
  readonly type: "snapshot" | "changes";
  readonly json: string;
  /** The position after it; absent while more parts follow. */
  readonly at?: string;
}

/** What a reader is told. */
export interface Parts {
  /** One or more messages; none when the position moves on silently. */
  readonly frames: readonly Frame[];
  /** The connection whose doing all of it is: it needs no message. */
  readonly soleAuthor: number | undefined;
}

/** No message has more bytes. */
const MOST = 64 * 1024;
/** Room for what follows the last entry. */
const RESERVE = 256;

/** What a reader at a position does not know yet; nothing when it is up to date. */
export function partsFor(topic: Topic, name: string, at: string | undefined, scope: Scope, nowMs: number): Parts | undefined {
  const reading = read(topic, at);
  if (reading === undefined) return undefined;
  const { snapshot } = reading;
  const head = begin(topic, name, snapshot, nowMs);
  const { implied, told } = visible(reading, scope);
  const authors = new Set(implied.map(author));
  if (!snapshot && implied.length === 0) return { frames: [], soleAuthor: undefined };
  const runs = split(told.map((it) => [listOf(it, snapshot), put(it)] as const), head.length);
  const frames = runs.map((run, i): Frame => {
    const lists = run.length === 0 && snapshot ? `,"entries":[]` : written(run);
    const type = snapshot ? "snapshot" : "changes";
    if (i < runs.length - 1) return { type, json: `${head}${lists},"more":true}` };
    return { type, json: `${head}${lists},"at":"${topic.at}"}`, at: topic.at };
  });
  // A snapshot is told to everybody, and who only counts does not know by itself that it is counted too.
  const whole = frames.length === 1 && authors.size === 1 && !snapshot && scope !== "count";
  return { frames, soleAuthor: whole ? [...authors][0] : undefined };
}

/** That there is nothing to tell: whoever resumes hears at once that nothing was missed. */
export function nothingNew(topic: Topic, name: string, nowMs: number): Frame {
  return { type: "changes", json: `${begin(topic, name, false, nowMs)},"at":"${topic.at}"}`, at: topic.at };
}

/** What is said of the things in a reading, and what makes a message needed. */
function visible({ things }: Reading, scope: Scope): { implied: readonly Told[]; told: readonly Told[] } {
  if (scope === "everybody") return { implied: things, told: things };
  if (scope === "count") return { implied: things.filter((it) => !("updated" in it)), told: [] };
  const told = things.filter((it) => scope.has(userOf(it)));
  return { implied: told, told };
}

function begin(topic: Topic, name: string, snapshot: boolean, nowMs: number): string {
  const { members, users } = topic.counts;
  const type = snapshot ? "snapshot" : "changes";
  return `{"type":"${type}","topic":"${name}","nowMs":${nowMs},"counts":{"members":${members},"users":${users}}`;
}

type Piece = readonly [list: string, json: string];

/** Pieces by message: as many as fit, and one at least. */
function split(pieces: readonly Piece[], head: number): Piece[][] {
  const runs: Piece[][] = [[]];
  let bytes = head;
  for (const piece of pieces) {
    const run = runs.at(-1) ?? [];
    const opened = run.at(-1)?.[0] === piece[0] ? 1 : piece[0].length + 5 + (run.length > 0 ? 1 : 0);
    const more = opened + utf8Length(piece[1]);
    if (run.length > 0 && bytes + more + RESERVE > MOST) {
      runs.push([piece]);
      bytes = head + piece[0].length + 5 + utf8Length(piece[1]);
    } else {
      run.push(piece);
      bytes += more;
    }
  }
  return runs;
}

function written(run: readonly Piece[]): string {
  let [text, open] = ["", ""];
  for (const [list, json] of run) {
    text += list === open ? "," : `${open && "]"},"${list}":[`;
    text += json;
    open = list;
  }
  return open ? `${text}]` : text;
}

function listOf(told: Told, snapshot: boolean): string {
  if ("left" in told) return "left";
  if ("updated" in told) return "updated";
  return snapshot ? "entries" : "joined";
}

function put(told: Told): string {
  if ("left" in told) return `{"member":"${told.left.member}","reason":"${told.left.reason}"}`;
  if ("joined" in told) return `${entryOpen(told.joined)}}`;
  const { updated: entry, since } = told;
  const changed = changedSince(entry, since);
  const value = changed.includes("value") ? `,"value":${entry.value.json}` : "";
  const activity = changed.includes("activity") ? `,"activity":"${entry.activity}"` : "";
  const following = changed.includes("following") ? `,"following":${JSON.stringify(entry.following)}` : "";
  return `{"member":"${entry.member}"${value}${activity}${following}}`;
}

/** An entry without its closing brace, for what an answer adds to it. */
export function entryOpen(entry: Entry): string {
  const { member, user, value, activity, following, joinedMs, updatedMs } = entry;
  const who = `{"member":"${member}","user":"${user}","value":${value.json}`;
  const what = `,"activity":"${activity}","following":${JSON.stringify(following)},"version":${version(entry)}`;
  return `${who}${what},"joinedMs":${joinedMs},"updatedMs":${updatedMs}`;
}

/** How many bytes a text has as UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) bytes += unit > 0x7ff && !(unit >= 0xd800 && unit <= 0xdfff) ? 2 : 1;
  }
  return bytes;
}
