import { Messages } from "./env.ts";
import { ask, toHostBytes } from "./host.ts";
import { ASK, INPUT_SOURCE } from "./ops.ts";

/**
 * A websocket as a function sees it: `for await (const message of socket)`. Messages are text, or
 * bytes where they are not UTF-8.
 */
export class Socket {
  /** Resolves when the message was taken over, so that a fast sender waits for a slow peer. */
  async send(message: unknown): Promise<void> {
    await ask(ASK.WRITE, toHostBytes(message));
  }

  async close(): Promise<void> {
    await ask(ASK.CLOSE);
  }

  [Symbol.asyncIterator](): Messages {
    return new Messages(Promise.resolve(INPUT_SOURCE));
  }
}
