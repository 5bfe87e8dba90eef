/** A pause this long means that the next wait is another one, in milliseconds. */
const OTHER_WAIT_MS = 0.5;
/** How much of the time so far the next sleep takes: what a wait is prolonged by at most. */
const SHARE = 0.1;
const SLEEP_MS_MAX = 0.5;
/** Shorter sleeps are not worth the system call. */
const SLEEP_MS_MIN = 0.03;

/**
 * Dawn looks for the end of its work in each turn of the event loop, by `setImmediate`, and so keeps a
 * processor busy that drivers and software adapters could use: 1 Mi squares took half as long again
 * on two cores. This lets the thread sleep for a moment between two looks, the longer it waits the
 * longer. Node's own `setImmediate` (`node:timers`) stays what it is.
 */
export function paceDawn(): void {
  const nodeImmediate = globalThis.setImmediate;
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let begun = 0;
  let last = Number.NEGATIVE_INFINITY;
  const paced = (look: (...values: unknown[]) => void, ...values: unknown[]) =>
    nodeImmediate(() => {
      const now = performance.now();
      if (now - last > OTHER_WAIT_MS) begun = now;
      const sleepMs = Math.min((now - begun) * SHARE, SLEEP_MS_MAX);
      if (sleepMs > SLEEP_MS_MIN) Atomics.wait(nobodyWakes, 0, 0, sleepMs);
      look(...values);
      last = performance.now();
    });
  globalThis.setImmediate = paced as typeof setImmediate;
}
