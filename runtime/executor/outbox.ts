/** Collects the messages of one turn of the event loop and posts them together. */
export class Outbox<T> {
  readonly #post: (batch: readonly T[], transfer: ArrayBuffer[]) => void;
  #batch: T[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(post: (batch: readonly T[], transfer: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  /** `bytes` is moved instead of copied when nobody else holds its memory. */
  add(message: T, bytes?: Uint8Array): void {
    if (this.#batch.length === 0) queueMicrotask(() => this.#flush());
    this.#batch.push(message);
    if (bytes && bytes.byteLength >= MOVE_BYTES && ownsItsMemory(bytes)) {
      this.#transfer.push(bytes.buffer as ArrayBuffer);
    }
  }

  #flush(): void {
    const batch = this.#batch;
    const transfer = this.#transfer;
    this.#batch = [];
    this.#transfer = [];
    this.#post(batch, transfer);
  }
}

/** Below this, copying costs less than moving. */
const MOVE_BYTES = 16 * 1024;

function ownsItsMemory(bytes: Uint8Array): boolean {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
}
