import { setImmediate } from "node:timers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Jobs between two collections: a few milliseconds each time, and at most some MiB in between. */
const JOBS_BETWEEN = 200;

/**
 * Every job leaves small objects behind (encoders, bind groups) that stand for native memory. The
 * garbage collector sees only how small they are and would let hundreds of MiB gather first.
 */
export function createCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  let jobs = 0;
  return () => {
    jobs = (jobs + 1) % JOBS_BETWEEN;
    if (jobs === 0) setImmediate(collect);
  };
}
