/**
 * Waits until everything that promises brought about is done.
 *
 * By what runners of tests leave alone when they fake timers, and taken before they do.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (Channel === undefined) return void hops().then(resolve);
    port ??= open(Channel);
    waiting.push(resolve);
    port.ref?.();
    port.send();
  });
}

const Channel = globalThis.MessageChannel as typeof MessageChannel | undefined;
const waiting: (() => void)[] = [];
let port: { send(): void; ref?(): void } | undefined;

/** What only some platforms have of a port: an open one keeps a process alive, unless it is told not to. */
type Port = MessagePort & { ref?(): void; unref?(): void };

function open(Kind: typeof MessageChannel): { send(): void; ref?(): void } {
  const { port1, port2 }: { readonly port1: Port; readonly port2: Port } = new Kind();
  port1.onmessage = () => {
    waiting.shift()?.();
    if (waiting.length === 0) port1.unref?.();
  };
  port1.unref?.();
  return { send: () => port2.postMessage(0), ref: () => port1.ref?.() };
}

/** Where there are no channels, as in some simulated browsers: longer than any chain of promises here. */
async function hops(): Promise<void> {
  for (let i = 0; i < 100; i += 1) await Promise.resolve();
}
