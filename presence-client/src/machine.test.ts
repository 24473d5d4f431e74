import { describe, expect, test } from "vitest";
import { PresenceError } from "./error.js";
import { idle, step } from "./machine.js";
import type { Circumstances, Effect, Link, LinkEvent } from "./machine.js";

const error = new PresenceError({ code: "unsupported_protocol", message: "no" });

/** A machine whose time is the test's. */
class Machine {
  link: Link;
  now = 1_000;
  heard = 0;
  heardAt = 0;
  effects: Effect[] = [];
  constructor(
    readonly more: Partial<Circumstances> = {},
    carrier: Link["carrier"] = "websocket",
  ) {
    this.link = idle(carrier);
  }

  turn(event: LinkEvent): this {
    const at = { now: this.now, random: 1, heard: this.heard, heardAt: this.heardAt, renewable: false, auto: true, ...this.more };
    [this.link, ...this.effects] = step(this.link, event, at);
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  hear(): this {
    this.heard += 1;
    this.heardAt = this.now;
    return this;
  }

  /** To an open connection that lasted. */
  open(): this {
    return this.turn({ type: "begin" }).turn({ type: "opened" }).hear().turn({ type: "welcomed", silenceMs: 20_000 });
  }
}

const wait = ({ link, now }: Machine) => (link.due === undefined ? undefined : link.due - now);
const lost = { type: "ended", code: 1006 } as const;

describe("the way to a connection", () => {
  test("is dialling, greeting, and being greeted", () => {
    const machine = new Machine().turn({ type: "begin" });
    expect([machine.link.phase, wait(machine), machine.effects]).toEqual(["connecting", 5_000, ["hangUp", "dial"]]);
    machine.turn({ type: "opened" });
    expect([machine.link.phase, wait(machine), machine.effects]).toEqual(["greeting", 10_000, ["greet"]]);
    machine.turn({ type: "welcomed", silenceMs: 20_000 });
    expect([machine.link.phase, machine.effects]).toEqual(["open", []]);
  });

  test.each([
    ["connecting", new Machine().turn({ type: "begin" })],
    ["greeting", new Machine().turn({ type: "begin" }).turn({ type: "opened" })],
  ])("that takes too long while %s is given up", (phase, machine) => {
    expect(machine.link.phase).toBe(phase);
    machine.after(10_000).turn({ type: "due" });
    expect([machine.link.phase, machine.link.attempt, machine.effects]).toEqual(["waiting", 1, ["hangUp"]]);
  });

  test("is gone only once", () => {
    const machine = new Machine().open();
    for (const event of [{ type: "begin" }, { type: "opened" }, { type: "welcomed", silenceMs: 1 }] as const) {
      const before = machine.link;
      expect(machine.turn(event).link).toBe(before);
    }
  });
});

describe("waiting", () => {
  test("grows with each failure up to half a minute, and begins anew after a good connection", () => {
    const machine = new Machine({ auto: false }).open().after(5_000);
    const waits: (number | undefined)[] = [];
    for (let i = 0; i < 9; i += 1) {
      machine.turn(lost);
      waits.push(wait(machine));
      machine.turn({ type: "due" });
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    machine.turn({ type: "opened" }).turn({ type: "welcomed", silenceMs: 1 }).after(5_000).turn(lost);
    expect([machine.link.attempt, wait(machine)]).toEqual([1, 500]);
  });

  test("is anywhere between nothing and that, so that not everybody comes back together", () => {
    const waits = [0, 0.25, 1].map((random) => wait(new Machine({ random }).open().turn(lost)));
    expect(waits).toEqual([0, 125, 500]);
  });

  test("is at least as long as the server asked for, whoever looks", () => {
    const machine = new Machine({ random: 0.5 }).open().turn({ type: "hint", ms: 3_000 }).turn({ type: "ended", code: 1012 });
    expect(wait(machine)).toBe(3_250);
    machine.after(2_999);
    expect(machine.turn({ type: "look" }).turn({ type: "doubt" }).link.phase).toBe("waiting");
    expect(machine.after(1).turn({ type: "look" }).link.phase).toBe("connecting");
  });

  test("is over when the page is looked at or the network is another", () => {
    for (const type of ["look", "doubt"] as const) {
      const machine = new Machine().open().turn(lost).turn({ type });
      expect([machine.link.phase, machine.effects]).toEqual(["connecting", ["hangUp", "dial"]]);
    }
  });

  test("is for nothing in time while the page is kept, until it is returned to", () => {
    const machine = new Machine().open().turn({ type: "pause" });
    expect([machine.link.phase, machine.link.due, machine.effects]).toEqual(["waiting", undefined, ["hangUp"]]);
    expect(machine.turn({ type: "again" }).link.phase).toBe("connecting");
  });
});

describe("an open connection", () => {
  test("is asked after silence, and given up when nothing comes", () => {
    const machine = new Machine().open();
    for (const _ of [1, 2, 3]) expect(machine.after(5_000).turn({ type: "due" }).effects).toEqual([]);
    expect(machine.after(5_000).turn({ type: "due" }).effects).toEqual(["ask"]);
    expect(wait(machine)).toBe(5_000);
    expect(machine.after(5_000).turn({ type: "due" }).link.phase).toBe("waiting");
  });

  test("shows that it is there by whatever comes", () => {
    const machine = new Machine().open().after(6_000).turn({ type: "look" });
    expect(machine.effects).toEqual(["ask"]);
    machine.after(100).hear().after(4_900).turn({ type: "due" });
    expect([machine.link.phase, machine.effects]).toEqual(["open", []]);
  });

  test("is asked at once when it is in doubt, however lately something came, and not twice", () => {
    const machine = new Machine().open().hear().turn({ type: "doubt" });
    expect(machine.effects).toEqual(["ask"]);
    expect(machine.turn({ type: "doubt" }).effects).toEqual([]);
    expect(new Machine().open().hear().turn({ type: "look" }).effects).toEqual([]);
  });
});

describe("the end", () => {
  test.each([
    [4501, "unauthenticated"],
    [4503, "forbidden"],
    [4509, "taken_over"],
    [4526, "closed"],
  ])("by close code %i is %s, and for good", (code, reason) => {
    const machine = new Machine().open().turn({ type: "ended", code });
    expect([machine.link.phase, machine.link.error?.code, machine.link.due]).toEqual(["closed", reason, undefined]);
    for (const type of ["due", "look", "doubt", "again"] as const) expect(machine.turn({ type }).link.phase).toBe("closed");
  });

  test("says what the server said before it", () => {
    const machine = new Machine().turn({ type: "begin" }).turn({ type: "opened" }).turn({ type: "refused", error });
    expect(machine.turn({ type: "ended", code: 4526 }).link.error).toBe(error);
  });

  test("is not the end for who begins again", () => {
    const machine = new Machine().open().turn({ type: "close", error }).turn({ type: "begin" });
    expect([machine.link.phase, machine.link.attempt, machine.link.error]).toEqual(["connecting", 0, null]);
  });

  test("of a token is a new connection at once where another can be had, and final where not", () => {
    const expired = { type: "ended", code: 4010 } as const;
    expect(wait(new Machine({ renewable: true }).open().after(5_000).turn(expired))).toBe(0);
    // Whoever lost a connection just before waits, whatever the token.
    expect(wait(new Machine({ renewable: true }).turn({ type: "begin" }).turn({ type: "opened" }).turn(expired))).toBe(500);
    expect(new Machine().open().turn(expired).link).toMatchObject({ phase: "closed", error: { code: "token_expired" } });
  });
});

describe("what carries it", () => {
  const next = (machine: Machine) => machine.turn({ type: "due" }).link.carrier;

  test("is HTTP after a WebSocket that never opened, and a WebSocket again when HTTP does not work either", () => {
    const machine = new Machine().turn({ type: "begin" }).turn(lost);
    expect(next(machine)).toBe("sse");
    expect(next(machine.turn(lost))).toBe("websocket");
    expect(next(machine.turn(lost))).toBe("sse");
  });

  test("stays HTTP once that worked, until it fails to come back", () => {
    const machine = new Machine().turn({ type: "begin" }).turn(lost).turn({ type: "due" });
    machine.turn({ type: "opened" }).turn({ type: "welcomed", silenceMs: 1 }).turn(lost);
    expect(next(machine)).toBe("sse");
    expect(next(machine.turn(lost))).toBe("websocket");
  });

  test("is HTTP after three WebSockets that ended at once", () => {
    const machine = new Machine();
    const carriers: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      machine.turn({ type: i === 0 ? "begin" : "due" }).turn({ type: "opened" }).turn({ type: "welcomed", silenceMs: 1 });
      carriers.push(machine.turn(lost).link.carrier);
    }
    expect(carriers).toEqual(["websocket", "websocket", "sse"]);
  });

  test("where one was good before, three fail first: the server may be starting anew", () => {
    const machine = new Machine().open().after(5_000).turn(lost);
    const carriers = [1, 2, 3].map(() => machine.turn({ type: "due" }).turn(lost).link.carrier);
    expect(carriers).toEqual(["websocket", "websocket", "sse"]);
  });

  test("that a server refuses in its own words works", () => {
    const machine = new Machine().turn({ type: "begin" }).turn({ type: "opened" }).turn({ type: "refused", error });
    expect(machine.turn({ type: "ended", code: 1013 }).link.carrier).toBe("websocket");
  });

  test("is what the application says, whatever happens", () => {
    for (const carrier of ["websocket", "sse"] as const) {
      const machine = new Machine({ auto: false }, carrier).turn({ type: "begin" });
      for (let i = 0; i < 5; i += 1) expect(next(machine.turn(lost))).toBe(carrier);
    }
  });
});

test("whatever happens, a phase that is left to itself goes on, and one that is over does not", () => {
  const seed = Number(process.env["SEED"] ?? 1);
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const events: (() => LinkEvent)[] = [
    () => ({ type: "begin" }),
    () => ({ type: "opened" }),
    () => ({ type: "welcomed", silenceMs: 20_000 }),
    () => ({ type: "refused", error }),
    () => ({ type: "hint", ms: 2_000 }),
    () => ({ type: "ended", code: [1000, 1006, 1012, 4008, 4010, 4501][Math.floor(random() * 6)] ?? 1006 }),
    () => ({ type: "due" }),
    () => ({ type: "look" }),
    () => ({ type: "doubt" }),
    () => ({ type: "again" }),
    () => ({ type: "close", error: null }),
  ];
  for (let run = 0; run < 200; run += 1) {
    const machine = new Machine({ random: random(), renewable: random() < 0.5, auto: random() < 0.7 });
    let lines = 0;
    for (let i = 0; i < 40; i += 1) {
      machine.after(Math.floor(random() * 8_000));
      if (random() < 0.3) machine.hear();
      const event = (events[Math.floor(random() * events.length)] ?? events[0])?.() ?? { type: "due" };
      machine.turn(event);
      for (const effect of machine.effects) {
        if (effect === "hangUp") lines = 0;
        if (effect === "dial") lines += 1;
      }
      const { phase, due } = machine.link;
      const held = phase === "connecting" || phase === "greeting" || phase === "open";
      const told = `seed ${seed}, run ${run}, step ${i}: ${JSON.stringify(event)} → ${phase}`;
      expect(lines, told).toBe(held ? 1 : 0);
      expect(due !== undefined, told).toBe(held || phase === "waiting");
    }
  }
});
