import { closeBuilders } from "../../devkit/builders/list.ts";
import type { Terminal } from "./terminal.ts";

/** Runs work that builds: Ctrl-C ends compilers too, and nothing warm is left behind. */
export async function whileBuilding<T>(
  terminal: Terminal,
  work: (options: {
    readonly signal: AbortSignal;
    readonly onProgress: (message: string) => void;
  }) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  try {
    const onProgress = (message: string): void => terminal.progress(message);
    return await work({ signal: abort.signal, onProgress });
  } finally {
    terminal.clearProgress();
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    await closeBuilders();
  }
}
