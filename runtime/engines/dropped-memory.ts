import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Memory of guests that nobody holds any more, after which it is collected, in bytes. */
const COLLECT_BYTES = 32 * 2 ** 20;

let dropped = 0;
let collect: Collector | undefined;

/** V8's own `gc`. */
type Collector = (how?: { readonly type: "minor"; readonly execution: "sync" }) => void;

/** Counts the linear memory of an instance that is thrown away: see {@link collectDropped}. */
export function dropMemory(bytes: number): void {
  dropped += bytes;
}

/**
 * Gives dropped memory back to the system, if it is much. V8 would do so at some later collection,
 * which objects of a few bytes give it little reason to begin: a function that runs into its memory
 * limit again and again would hold many times as much. To be called when nothing on the stack holds
 * any of it, and before anybody is told that he may take more.
 */
export function collectDropped(): void {
  if (dropped < COLLECT_BYTES) return;
  dropped = 0;
  collect ??= collector();
  collect();
  // The first only finds it. V8 gives it back in the background, when another thread has time, and at
  // the latest when the next collection begins: a guest that eats memory would be at its limit again
  // before that, and hold twice as much.
  collect({ type: "minor", execution: "sync" });
}

/**
 * It is given to contexts that are made while this flag is set. The flag is the whole process's: left
 * as it is then, V8 would take no compiled code from a cache any more, and a new thread twice as long.
 */
function collector(): Collector {
  setFlagsFromString("--expose-gc");
  try {
    return runInNewContext("gc") as Collector;
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}
