import { computed, defineComponent, inject, provide, toValue, unref } from "vue";
import type { InjectionKey, MaybeRef, MaybeRefOrGetter, PropType, Ref } from "vue";
import type { PresenceClient } from "../client.js";
import type { AnyTopic, ParametersOf } from "../descriptor.js";
import { topicName } from "../name.js";
import { Place } from "../store/place.js";
import { Presence } from "../store/presence.js";

/**
 * Where composables find their client, as `app.provide(presenceKey, client)` puts it there for a whole application.
 */
export const presenceKey: InjectionKey<MaybeRef<PresenceClient>> = /* @__PURE__ */ Symbol("presence");

/**
 * Gives the composables below it their client: made once, by the application, which also closes it; on a
 * server one for each request.
 *
 * @example
 * <PresenceProvider :client="client"><App /></PresenceProvider>
 */
export const PresenceProvider = /* @__PURE__ */ defineComponent({
  name: "PresenceProvider",
  props: { client: { type: Object as PropType<PresenceClient>, required: true } },
  setup(props, { slots }) {
    provide(presenceKey, computed(() => props.client));
    return () => slots["default"]?.();
  },
});

/**
 * The client of the nearest {@link PresenceProvider}, or of the application.
 *
 * @throws {Error} when there is none
 */
export function usePresenceClient(): Readonly<Ref<PresenceClient>> {
  const client = inject(presenceKey, null);
  if (client) return computed(() => unref(client));
  throw new Error("no presence client: put a <PresenceProvider :client> around what uses presence, or app.provide(presenceKey, client)");
}

/** A composable's topic: a {@link Presence}, or a type and its parameters; and its other arguments. */
export type At<Type extends AnyTopic> =
  | readonly [presence: Presence<Type>, ...rest: readonly unknown[]]
  | readonly [type: Type, parameters: MaybeRefOrGetter<ParametersOf<Type>>, ...rest: readonly unknown[]];

/** Where a composable is at present, and what it was called with beside that. */
export function usePlace<Type extends AnyTopic>(args: At<Type>): readonly [() => Place<Type>, ...rest: readonly unknown[]] {
  const [first] = args;
  if (first instanceof Presence) return [first.at, ...args.slice(1)];
  const client = usePresenceClient();
  const [type, parameters] = args as readonly [Type, MaybeRefOrGetter<ParametersOf<Type>>];
  // Parameters are another object at every call: what they name is what counts.
  const name = computed(() => topicName(type.pattern, toValue(parameters)));
  let place: Place<Type> | undefined;
  const current = () => {
    const same = place?.name === name.value && place.client === client.value;
    return same && place ? place : (place = Place.of(client.value, type, toValue(parameters)));
  };
  return [current, ...args.slice(2)];
}
