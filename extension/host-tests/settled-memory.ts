import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MIB = 1024 * 1024;

/** Resident memory of this process in MiB without its garbage, once it has stopped changing. */
export async function settledMemory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let last = Number.POSITIVE_INFINITY;
  for (;;) {
    collect();
    await sleep(300);
    const now = process.memoryUsage.rss();
    if (Math.abs(now - last) < MIB) return now / MIB;
    last = now;
  }
}
