import type { FromGpu } from "./process-messages.ts";

/** Tells the runtime; settles when the message is on its way, or can never be. */
export function send(message: FromGpu): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
