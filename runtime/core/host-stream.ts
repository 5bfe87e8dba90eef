/**
 * An exchange buffer on the host's side: what stands behind a stream id that an executor holds.
 * Request bodies, websockets, outgoing requests, answers of other functions, topics, event streams
 * and blob contents are all this.
 */
export interface HostStream {
  /** Each read answers one message, each write sends one (websocket, topic). */
  readonly messages: boolean;
  /** Next bytes, at most `maxBytes` unless it is a message; undefined at the end. */
  read(maxBytes: number): Promise<Uint8Array | undefined>;
  /**
   * Gives away all that is left as it comes, for those who want everything: reads hold the sender
   * back between them. Where it is missing, reads do. What `take` throws ends it.
   */
  readAll?(take: (bytes: Uint8Array) => void): Promise<void>;
  /** Resolves when the other side took the bytes, so that a fast writer waits for a slow reader. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more writes; lets go of the reader's side too. Safe to call twice. */
  close(): void;
}

/** Where the answer of a call goes while the call still runs (an http response). */
export interface OutputSink {
  /** At most once, before any write. */
  start(status: number, headers: Readonly<Record<string, string>>): void;
  write(bytes: Uint8Array): Promise<void>;
}
