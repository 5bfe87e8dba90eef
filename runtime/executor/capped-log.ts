import type { LogLevel } from "../protocol/model.ts";

type Log = (level: LogLevel, text: string) => void;

/** What a line costs beside its text: empty lines are not for nothing. */
const LINE_BYTES = 32;

/** Passes log lines on until the call has written its share; the line that ends it is cut. */
export function cappedLog(log: Log, maxKiB: number): Log {
  let left = maxKiB * 1024;
  return (level, text) => {
    if (left < 0) return;
    const room = left;
    left -= text.length + LINE_BYTES;
    if (left >= 0) {
      log(level, text);
      return;
    }
    if (room > LINE_BYTES) log(level, text.slice(0, room - LINE_BYTES));
    log("warn", `the call logged more than ${maxKiB} KiB; the rest is dropped (limits.logKiB)`);
  };
}
