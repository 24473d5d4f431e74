/**
 * Who one is, and what one says of oneself: of a browser, whose tabs are one user; with `?as=Name`, of a
 * tab, so that one can be several people.
 */

import type { Availability } from "generated";
import { reactive, watch } from "vue";

import { randomName, tidy } from "./name";

export interface Guest {
  /** The user's id. */
  readonly id: string;
  name: string;
  availability: Availability["state"];
  /** A line beside the name. */
  message: string;
  /** Whether others see one. */
  shown: boolean;
}

const KEY = "who-is-here";

const address = new URL(location.href);
const as = tidy(address.searchParams.get("as") ?? "");
if (as) {
  const somebody: Guest = { ...made(), name: as };
  attempt(() => sessionStorage.setItem(KEY, JSON.stringify(somebody)));
  address.searchParams.delete("as");
  history.replaceState(null, "", address);
}
const ofTab = recall(() => sessionStorage);

/** Oneself. */
export const guest: Guest = reactive(ofTab ?? recall(() => localStorage) ?? made());

watch(
  guest,
  () => attempt(() => (ofTab ? sessionStorage : localStorage).setItem(KEY, JSON.stringify(guest))),
  { immediate: true },
);
// What is changed in one tab of a browser is changed in all.
if (!ofTab) {
  addEventListener("storage", ({ key }) => {
    if (key === KEY) Object.assign(guest, recall(() => localStorage));
  });
}

/** What a demonstration takes for a login: an id, and the base64 of a name in UTF-8. */
export function tokenOf({ id, name }: Guest): string {
  return `${id}.${btoa(String.fromCharCode(...new TextEncoder().encode(name)))}`;
}

function made(): Guest {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(6)), (it) => it.toString(16).padStart(2, "0")).join("");
  return { id, name: randomName(), availability: "available", message: "", shown: true };
}

function recall(storage: () => Storage): Guest | null {
  return attempt(() => JSON.parse(storage().getItem(KEY) ?? "null") as Guest | null);
}

/** Storage may be forbidden or full: then nothing is remembered. */
function attempt<Result>(use: () => Result): Result | null {
  try {
    return use();
  } catch {
    return null;
  }
}
