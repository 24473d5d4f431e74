/** Sessions: a secret key names one tab or device, and its public id is all that others see. */

import { sha256 } from "../../digest.js";

/** One tab or device, as the holder of its key proves it. */
export interface Session {
  /** The public name. */
  readonly id: string;
  /** What ownership compares: two keys may share an id. */
  readonly digest: string;
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const KEY = /^[0-9a-fA-F]{32}$/;

/** The session that a key opens; nothing when it is not 32 hex digits. */
export function sessionOf(key: string): Session | undefined {
  if (!KEY.test(key)) return undefined;
  const text = `presence-session-1:${key.toLowerCase()}`;
  // All of it is ASCII, and simulated browsers have no encoder.
  const digest = sha256(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  const bits = Array.from(digest.subarray(0, 10), (byte) => byte.toString(2).padStart(8, "0")).join("");
  const id = bits.replace(/.{5}/g, (five) => BASE32.charAt(Number.parseInt(five, 2)));
  return { id, digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** Who acts: a session proven by its key, and a user proven by authentication. */
export interface Actor {
  readonly session: Session;
  readonly user: string;
}

/** The id of an actor's member: `user.session`, just `session` where the user is no other than that. */
export function memberOf({ user, session }: Actor): string {
  return user === session.id ? session.id : `${user}.${session.id}`;
}
