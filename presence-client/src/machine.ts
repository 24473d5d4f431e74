/**
 * How one connection follows another, as a pure function: what is, and what happened, make what is
 * next and what has to be done.
 *
 *              begin                   opened                   welcomed
 *   ┌──────┐          ┌────────────┐             ┌──────────┐            ┌──────┐ ──┐ due, look, doubt:
 *   │ idle │ ───────▶ │ connecting │ ──────────▶ │ greeting │ ─────────▶ │ open │   │ asks whether somebody
 *   └──────┘          └────────────┘             └──────────┘            └──────┘ ◀─┘ is still there
 *                        ▲      │ lost                │ lost                │ lost
 *                   due, │      ▼                     ▼                     ▼
 *             look, doubt│   ┌──────────────────────────────────────────────────┐
 *                        └── │ waiting                                          │
 *                            └──────────────────────────────────────────────────┘
 *   again, from anywhere but idle and closed  ──▶  connecting
 *   pause, from anywhere but idle and closed  ──▶  waiting, for again, look or doubt alone
 *   close, or the server's word that is final ──▶  closed  ──▶ (begin) connecting
 *
 * Lost is: the line ended, did not open or greet back in time, or did not answer when it was asked. A
 * phase has at most one thing that it waits for in time, `due`.
 *
 * A WebSocket that never opens is followed by an attempt over HTTP, and so are three in a row that end at
 * once, or fail where one was good before; an attempt over HTTP that comes to nothing, by a WebSocket.
 */

import { backoff } from "./backoff.js";
import { PresenceError } from "./error.js";

/** Where a connection is; see the diagram. */
export type Phase = "idle" | "connecting" | "greeting" | "open" | "waiting" | "closed";

/** What carries a connection: a WebSocket, or an event stream and requests over HTTP. */
export type Carrier = "websocket" | "sse";

/** What is. Immutable; times are of the monotonic clock. */
export interface Link {
  readonly phase: Phase;
  /** Of this attempt or the next one. */
  readonly carrier: Carrier;
  /** Attempts that failed since a connection was good. */
  readonly attempt: number;
  /** When {@link LinkEvent} `due` happens, unless something else does; never where absent. */
  readonly due?: number;
  /** Why it is lost or over, where that is known. */
  readonly error: PresenceError | null;
  /** When one was opened last. */
  readonly openedAt?: number;
  /** How long an open connection may be silent before it is asked. */
  readonly silenceMs: number;
  /** How much had been heard when it was asked whether somebody is there. */
  readonly asked?: number;
  /** How long the server asked to be left alone, and until when, once it is lost. */
  readonly hintMs: number;
  readonly notBefore: number;
  /** WebSockets in a row that came to nothing. */
  readonly failed: number;
  /** Whether a WebSocket was good before. */
  readonly worked: boolean;
}

/** What happens. */
export type LinkEvent =
  /** Somebody needs a connection. */
  | { readonly type: "begin" }
  /** The line is open: greet. */
  | { readonly type: "opened" }
  /** The server greeted back; `silenceMs` is how long it may be silent. */
  | { readonly type: "welcomed"; readonly silenceMs: number }
  /** The server said why, before it goes. */
  | { readonly type: "refused"; readonly error: PresenceError }
  /** The server asks to be left alone for this long, once it has gone. */
  | { readonly type: "hint"; readonly ms: number }
  /** The line ended. */
  | { readonly type: "ended"; readonly code: number; readonly error?: PresenceError }
  /** What was waited for is over. */
  | { readonly type: "due" }
  /** Somebody looks at the page again. */
  | { readonly type: "look" }
  /** The network came or went, or the machine slept: whatever was true may not be. */
  | { readonly type: "doubt" }
  /** Another connection, at once: of another user, or on another carrier. */
  | { readonly type: "again"; readonly carrier?: Carrier }
  /** The page ends, and may be returned to: nothing is held until it is. */
  | { readonly type: "pause" }
  | { readonly type: "close"; readonly error: PresenceError | null };

/** What has to be done: in this order. */
export type Effect = "hangUp" | "dial" | "greet" | "ask";

/** What is known when something happens. */
export interface Circumstances {
  readonly now: number;
  /** From 0 to 1. */
  readonly random: number;
  /** How much was heard, and when the last of it. */
  readonly heard: number;
  readonly heardAt: number;
  /** Whether the next greeting would show another token. */
  readonly renewable: boolean;
  /** Whether the carrier is found out, or fixed. */
  readonly auto: boolean;
}

/** What is next, and what has to be done. */
export type Step = readonly [Link, ...Effect[]];

/** How long a WebSocket may take to open where there is something else to try. */
const OPEN_WAIT_MS = 5_000;
const WELCOME_WAIT_MS = 10_000;
const ANSWER_WAIT_MS = 5_000;
/** How often an open connection is looked at, so that a machine that slept is noticed. */
const LOOK_MS = 5_000;
/** A connection that lasted so long was a good one: the next loss starts counting anew. */
const STABLE_MS = 5_000;
/** WebSockets in a row that come to nothing before HTTP is tried, where one worked before. */
const ENOUGH = 3;
/** The close code for a token that has expired. */
const TOKEN_EXPIRED = 4010;

/** Nothing was needed yet. */
export function idle(carrier: Carrier): Link {
  return {
    phase: "idle",
    carrier,
    attempt: 0,
    error: null,
    silenceMs: 0,
    hintMs: 0,
    notBefore: 0,
    failed: 0,
    worked: false,
  };
}

/** What is after this, and what has to be done. */
export function step(link: Link, event: LinkEvent, at: Circumstances): Step {
  const { phase } = link;
  const { now } = at;
  switch (event.type) {
    case "begin":
      if (phase === "idle") return connect(link, at);
      return phase === "closed" ? connect({ ...link, attempt: 0 }, at) : [link];
    case "opened":
      return phase === "connecting" ? [{ ...link, phase: "greeting", due: now + WELCOME_WAIT_MS }, "greet"] : [link];
    case "welcomed": {
      if (phase !== "greeting") return [link];
      const { silenceMs } = event;
      return [{ ...link, phase: "open", error: null, openedAt: now, silenceMs, due: now + LOOK_MS }];
    }
    case "refused":
      return [phase === "greeting" ? { ...link, error: event.error } : link];
    case "hint":
      return [{ ...link, hintMs: event.ms }];
    case "ended":
      return ended(link, event, at);
    case "due":
      if (link.due === undefined) return [link];
      if (phase === "waiting") return connect(link, at);
      return phase === "open" ? look(link, at) : lose(link, at);
    case "look":
      if (phase === "open") return now - at.heardAt > ANSWER_WAIT_MS ? ask(link, at) : [link];
      return hurry(link, at);
    case "doubt":
      return phase === "open" ? ask(link, at) : hurry(link, at);
    case "again":
      if (phase === "idle" || phase === "closed") return [link];
      return connect({ ...link, carrier: event.carrier ?? link.carrier, failed: 0 }, at);
    case "pause":
      return phase === "idle" || phase === "closed" ? [link] : park(link, "waiting", null);
    case "close":
      return phase === "closed" ? [link] : park(link, "closed", event.error);
  }
}

function connect(link: Link, { now, auto }: Circumstances): Step {
  const wait = auto && link.carrier === "websocket" ? OPEN_WAIT_MS : WELCOME_WAIT_MS;
  return [rest({ ...link, phase: "connecting", error: null, due: now + wait }), "hangUp", "dial"];
}

/** Does not wait any longer, unless the server asked for it. */
function hurry(link: Link, at: Circumstances): Step {
  return link.phase === "waiting" && at.now >= link.notBefore ? connect(link, at) : [link];
}

/** Looks whether an open connection has been silent for too long. */
function look(link: Link, at: Circumstances): Step {
  const { now, heard, heardAt } = at;
  if (link.asked === heard) return lose(link, at);
  const silentAt = heardAt + link.silenceMs;
  if (now >= silentAt) return ask(rest(link), at);
  return [rest({ ...link, due: Math.min(silentAt, now + LOOK_MS) })];
}

/** Asks whether somebody is there, unless that was done. */
function ask(link: Link, { now, heard }: Circumstances): Step {
  return link.asked === undefined ? [{ ...link, asked: heard, due: now + ANSWER_WAIT_MS }, "ask"] : [link];
}

function ended(link: Link, { code, error = link.error ?? undefined }: { code: number; error?: PresenceError }, at: Circumstances): Step {
  if (link.phase === "closed") return [link];
  if (code >= 4500 && code < 4600) return park(link, "closed", error ?? closedBy(code));
  if (code !== TOKEN_EXPIRED) return lose(link, at, error);
  const expired = error ?? refusal("token_expired", "the token has expired");
  return at.renewable ? lose(link, at, expired, link.phase === "open") : park(link, "closed", expired);
}

/** `atOnce`, unless the connection before was no good either. */
function lose(link: Link, at: Circumstances, error: PresenceError | null = null, atOnce = false): Step {
  const { now, random } = at;
  const stable = link.phase === "open" && now - (link.openedAt ?? 0) >= STABLE_MS;
  const attempt = stable ? 0 : link.attempt;
  const due = now + (atOnce && attempt === 0 ? 0 : backoff(attempt, random, link.hintMs));
  const next = { ...link, phase: "waiting", attempt: attempt + 1, error, due, notBefore: now + link.hintMs, hintMs: 0 } as const;
  return [rest({ ...next, ...(at.auto ? carrierAfter(link, stable) : {}) }), "hangUp"];
}

/** What is tried next. The server's own word shows that whatever carried it works. */
function carrierAfter({ carrier, failed, worked, phase, error }: Link, stable: boolean): Partial<Link> {
  const over = carrier === "websocket";
  if (!over) return phase === "open" ? {} : { carrier: "websocket" };
  if (stable || error) return { failed: 0, worked: worked || stable };
  const enough = failed + 1 >= (worked || phase !== "connecting" ? ENOUGH : 1);
  return enough ? { carrier: "sse", failed } : { failed: failed + 1 };
}

/** Waits for nothing in time. */
function park(link: Link, phase: Phase, error: PresenceError | null): Step {
  const { due: _, ...parked } = rest({ ...link, phase, error });
  return [parked, "hangUp"];
}

/** Nobody is asked any more. */
function rest({ asked: _, ...link }: Link): Link {
  return link;
}

function refusal(code: PresenceError["code"], message: string): PresenceError {
  return new PresenceError({ code, message });
}

function closedBy(code: number): PresenceError {
  switch (code) {
    case 4501:
      return refusal("unauthenticated", "the server does not know who this is");
    case 4503:
      return refusal("forbidden", "the server does not allow this client");
    case 4509:
      return refusal("taken_over", "another connection has taken the session over");
    default:
      return refusal("closed", `the server closed the connection for good, code ${code}`);
  }
}
