import { createContext, createElement, useContext, useMemo } from "react";
import type { ReactElement, ReactNode } from "react";
import type { PresenceClient } from "../client.js";
import type { AnyTopic, ParametersOf } from "../descriptor.js";
import { topicName } from "../name.js";
import { Place } from "../store/place.js";
import { Presence } from "../store/presence.js";

const Client = /* @__PURE__ */ createContext<PresenceClient | null>(null);

/** What {@link PresenceProvider} takes. */
export interface PresenceProviderProps {
  /** Made once, by the application, which also closes it: on a server one for each request. */
  readonly client: PresenceClient;
  /** Whatever uses the hooks. */
  readonly children?: ReactNode;
}

/**
 * Gives the hooks below it their client.
 *
 * @example
 * const client = new PresenceClient({ url: "/presence" });
 * createRoot(root).render(<PresenceProvider client={client}><App /></PresenceProvider>);
 */
export function PresenceProvider({ client, children }: PresenceProviderProps): ReactElement {
  return createElement(Client.Provider, { value: client }, children);
}

/**
 * The client of the nearest {@link PresenceProvider}.
 *
 * @throws {Error} when there is none
 */
export function usePresenceClient(): PresenceClient {
  return provided(useContext(Client));
}

/** A hook's topic: a {@link Presence}, or a type and its parameters; and its other arguments. */
export type At<Type extends AnyTopic> =
  | readonly [presence: Presence<Type>, ...rest: readonly unknown[]]
  | readonly [type: Type, parameters: ParametersOf<Type>, ...rest: readonly unknown[]];

/** Where a hook is, and what it was called with beside that. */
export function usePlace<Type extends AnyTopic>(args: At<Type>): readonly [Place<Type>, ...rest: readonly unknown[]] {
  const client = useContext(Client);
  const [type, parameters] = args[0] instanceof Presence ? [args[0].at()] : (args as readonly [Type, ParametersOf<Type>]);
  // Parameters are another object at every call: what they name is what counts.
  const name = type instanceof Place ? undefined : topicName(type.pattern, parameters);
  const place = useMemo(
    () => (type instanceof Place ? type : Place.of(provided(client), type, parameters as ParametersOf<Type>)),
    [client, type, name],
  );
  return [place, ...args.slice(name === undefined ? 1 : 2)];
}

function provided(client: PresenceClient | null): PresenceClient {
  if (client) return client;
  throw new Error("no presence client: put a <PresenceProvider client={…}> around what uses presence");
}
