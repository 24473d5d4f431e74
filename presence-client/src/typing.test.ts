import { expect, test } from "vitest";
import { typing } from "./typing.js";

const names = (count: number) => ["Ann", "Bo", "Cid", "Dan", "Eve"].slice(0, count);

test("one, some and many are said, and nobody is nothing", () => {
  expect([0, 1, 2, 3, 4, 5].map((count) => typing(names(count)))).toEqual([
    "",
    "Ann is typing",
    "Ann and Bo are typing",
    "Ann, Bo, and Cid are typing",
    "Ann, Bo, and 2 others are typing",
    "Ann, Bo, and 3 others are typing",
  ]);
});

test("the language and the words are the application's", () => {
  const german = {
    locale: "de",
    max: 2,
    messages: {
      none: "niemand schreibt",
      one: (it: string) => `${it} schreibt`,
      several: (it: string) => `${it} schreiben`,
      others: (count: number) => `${count} weitere`,
    },
  };
  expect([0, 1, 2, 3].map((count) => typing(names(count), german))).toEqual([
    "niemand schreibt",
    "Ann schreibt",
    "Ann und Bo schreiben",
    "Ann und 2 weitere schreiben",
  ]);
});

test("as many as are wanted are named, and one at least", () => {
  expect(typing(names(5), { max: 5 })).toBe("Ann, Bo, Cid, Dan, and Eve are typing");
  expect(typing(names(2), { max: 0 })).toBe("Ann and 1 other are typing");
});
