import { isAlive } from "../../devkit/is-alive.ts";

const POLL_MS = 1000;

/**
 * Calls `end` once when the process that started this one is gone: its IPC channel closes at once,
 * and its pid is looked at in case there was none. A parent that wants to leave us running gives no
 * pid.
 */
export function endWithParent(parentPid: number | undefined, end: () => void): void {
  if (parentPid === undefined) {
    // Nothing is expected from the parent; the channel must not keep us alive.
    process.channel?.unref();
    return;
  }
  let ended = false;
  const once = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    end();
  };
  const timer = setInterval(() => {
    if (!isAlive(parentPid)) once();
  }, POLL_MS);
  timer.unref();
  process.once("disconnect", once);
}
