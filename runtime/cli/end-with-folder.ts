import { stat } from "node:fs/promises";

const POLL_MS = 1000;
const GONE = "gone";

/**
 * Calls `end` once when a file of the data folder is gone, or is another one: the folder was removed,
 * emptied or replaced under a running runtime, whose files live on without a name. It would answer
 * that writes are on disk, and none of them would be there after the next start.
 * @param file one that stays as long as the runtime runs
 */
export async function endWithFolder(file: string, end: () => void): Promise<void> {
  const wanted = await identityOf(file);
  let ended = false;
  const timer = setInterval(async () => {
    const now = await identityOf(file);
    if (ended || now === undefined || now === wanted) return;
    ended = true;
    clearInterval(timer);
    end();
  }, POLL_MS);
  timer.unref();
}

/** Undefined when the disk does not say: that is the store's to report. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? GONE : undefined;
  }
}
