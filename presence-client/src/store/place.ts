/** A topic as a part of a page sees it and is there. Making one does nothing: it may be thrown away, and on a server it is. */

import type { PresenceClient } from "../client.js";
import type { AnyTopic, ParametersOf, ValueOf } from "../descriptor.js";
import type { TopicHandle } from "../handle.js";
import { topicName } from "../name.js";
import type { View } from "../view.js";
import { Seat } from "./seat.js";

/** Some of a topic's members. */
export type Whom = Parameters<TopicHandle<AnyTopic>["only"]>[0];

/** What is seen on a server, and while its page is brought to life. */
export const NOTHING: View<never> = {
  self: null,
  others: [],
  members: [],
  users: [],
  counts: { members: 0, users: 0 },
  following: [],
  followers: [],
  status: "connecting",
  asOf: null,
  error: null,
};

/** A topic of a client. */
export class Place<Type extends AnyTopic> {
  readonly client: PresenceClient;
  readonly name: string;
  /** The same for places that look at the same, whoever made them. */
  readonly key: string;
  readonly #open: () => TopicHandle<Type>;
  readonly #some = new Map<string, Place<Type>>();
  #handle: TopicHandle<Type> | undefined;

  private constructor(client: PresenceClient, name: string, key: string, open: () => TopicHandle<Type>) {
    this.client = client;
    this.name = name;
    this.key = key;
    this.#open = open;
  }

  /**
   * The topic that a type and parameters name.
   *
   * @throws {PresenceError} `invalid_topic` when a parameter is no segment of a topic
   */
  static of<Type extends AnyTopic>(client: PresenceClient, type: Type, parameters: ParametersOf<Type>): Place<Type> {
    // A pattern without parameters takes none; the compiler does not know which this is.
    const open = () => (client.topic as (type: Type, parameters: ParametersOf<Type>) => TopicHandle<Type>).call(client, type, parameters);
    const name = topicName(type.pattern, parameters);
    return new Place(client, name, name, open);
  }

  /** What looks at it, and announces nothing. */
  get handle(): TopicHandle<Type> {
    return (this.#handle ??= this.#open());
  }

  /** The own member. */
  get seat(): Seat<Type> {
    return Seat.of(this.client, this.handle);
  }

  /** The same topic, looking only at some; the same object for the same. */
  only(whom: Whom): Place<Type> {
    const key = JSON.stringify(whom);
    let some = this.#some.get(key);
    if (some === undefined) this.#some.set(key, (some = new Place(this.client, this.name, `${this.name} ${key}`, () => this.handle.only(whom))));
    return some;
  }

  /** Calls when {@link view} may give something else. */
  readonly subscribe = (call: () => void): (() => void) => this.handle.onChange(call);

  /** Calls when there are more or fewer; asks the server for no more than that. */
  readonly subscribeToCounts = (call: () => void): (() => void) => this.handle.onCount(call);

  /** What is seen. */
  readonly view = (): View<ValueOf<Type>> => this.handle.value();
}
