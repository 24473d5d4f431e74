/** The own value as others see it, or soon will: what is wanted, with what only the server knows. */

import type { Fields } from "./decay.js";
import type { AnyTopic } from "./descriptor.js";
import { equal } from "./equal.js";

/** The own value as it is shown. */
export class Shown {
  readonly #type: AnyTopic;
  /** What the server said after everything was settled. */
  #told: unknown;
  /** What it has said beside what can be sent, such as fields that only it sets. */
  #stamped: Fields = {};
  #value: unknown;

  constructor(type: AnyTopic) {
    this.#type = type;
  }

  /** The value, when this is wanted; the same object while nothing changes. */
  of(desired: unknown): unknown {
    this.#value ??= this.#told ?? complete(desired, { ...this.#type.defaults, ...this.#stamped });
    return this.#value;
  }

  /** Another value is wanted: what was told is of an older one. */
  want(): void {
    this.#told = undefined;
    this.#value = undefined;
  }

  /** The server says what the value is. */
  tell(value: unknown): void {
    this.#told = value;
    this.#value = undefined;
  }

  /** Takes what only the server sets from what it says. Returns whether that is news. */
  stamp(value: unknown, desired: unknown): boolean {
    if (!isObject(value)) return false;
    const known = { ...this.#type.defaults, ...(desired as Fields) };
    const stamped = Object.fromEntries(Object.entries(value).filter(([key]) => !Object.hasOwn(known, key)));
    if (equal(stamped, this.#stamped)) return false;
    this.#stamped = stamped;
    this.#value = undefined;
    return true;
  }

  /** Nothing the server said holds any more. */
  forget(): void {
    this.#stamped = {};
    this.want();
  }
}

/** The value as the server will show it: what was left out has its default. */
function complete(value: unknown, defaults: Fields): unknown {
  return isObject(value) ? { ...defaults, ...value } : value;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
