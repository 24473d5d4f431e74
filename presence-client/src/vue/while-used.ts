import { getCurrentInstance, onMounted, onScopeDispose, watch } from "vue";

/**
 * Keeps something up for what `source` gives: from when the component is mounted, which on a server it never is, or at
 * once where there is none, until the scope ends. What `keep` returns ends it.
 */
export function whileUsed<Source>(source: () => Source, keep: (source: Source) => (() => void) | undefined): void {
  let stop = () => {};
  const begin = () => {
    stop = watch(source, (now, _, onCleanup) => onCleanup(keep(now) ?? (() => {})), { immediate: true });
  };
  if (getCurrentInstance()) onMounted(begin);
  else begin();
  // The scope may be another than the component's.
  onScopeDispose(() => stop());
}
