import type { BufferRef } from "../protocol/host-ops.ts";

/**
 * An exchange buffer as a guest sees it: headers, a status and bytes, whether these are a request,
 * a response, a websocket, a file or plain memory. One reader and one writer.
 *
 * Methods that may have to wait for the host answer a promise only then, so that memory buffers
 * cost no suspension.
 */
export interface ExchangeBuffer {
  /** Lower-case names. */
  readonly headers: Map<string, string>;
  status: number | undefined;
  readonly closed: boolean;
  /** Each read answers one message and each write sends one (websocket, topic). */
  readonly messages: boolean;

  /** @throws MOC_LIMIT_RESPONSE when the bytes held exceed their limit */
  write(bytes: Uint8Array): void | Promise<void>;
  /**
   * The whole content without consuming it; of a message stream the next message, consumed.
   * undefined at the end of a message stream.
   */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** What `read` would answer, without consuming anything. */
  peek(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Consumes at most `maxBytes` (of a message stream: one message or what is left of it). */
  readPart(maxBytes: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** No more writes. */
  close(): void | Promise<void>;
  /** The guest lets go of it. */
  release(): void;
  /** Its form for the host: the bytes, or the stream behind it. */
  toRef(): BufferRef;
}
