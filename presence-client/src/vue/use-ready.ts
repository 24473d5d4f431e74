import type { MaybeRefOrGetter } from "vue";
import type { AnyTopic, ParametersOf } from "../descriptor.js";
import type { Presence } from "../store/presence.js";
import { ready } from "../store/ready.js";
import { usePlace } from "./context.js";
import type { At } from "./context.js";

/**
 * Resolves once it is known who is in a topic, or refused: awaited last in `setup`, it has the nearest `<Suspense>` show
 * its fallback, and what is painted then is never an empty room that only was not known yet. On a server, where
 * nobody is known, it resolves at once.
 *
 * @example
 * const others = useOthers(board);
 * await useReady(board);
 */
export function useReady<Type extends AnyTopic>(presence: Presence<Type>): Promise<void>;
export function useReady<Type extends AnyTopic>(type: Type, parameters: MaybeRefOrGetter<ParametersOf<Type>>): Promise<void>;
export async function useReady<Type extends AnyTopic>(...args: At<Type>): Promise<void> {
  const [at] = usePlace(args);
  if (typeof window !== "undefined") await ready(at());
}
