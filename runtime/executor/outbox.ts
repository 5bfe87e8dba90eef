/** Collects messages and posts them together: each post wakes the other side. */
export class Outbox<T> {
  readonly #post: (batch: readonly T[], transfer: ArrayBuffer[]) => void;
  readonly #schedule: (flush: () => void) => void;
  readonly #flushLater = () => {
    if (!this.#held) this.flush();
  };
  #batch: T[] = [];
  #transfer: ArrayBuffer[] = [];
  #held = false;
  #oldestAt = 0;

  /** @param schedule calls its argument soon, unless somebody flushes or holds before */
  constructor(
    post: (batch: readonly T[], transfer: ArrayBuffer[]) => void,
    schedule: (flush: () => void) => void,
  ) {
    this.#post = post;
    this.#schedule = schedule;
  }

  /** `moved` is moved instead of copied where nobody else holds its memory. */
  add(message: T, ...moved: readonly (Uint8Array | undefined)[]): void {
    if (this.#batch.length === 0) {
      if (this.#held) this.#oldestAt = performance.now();
      else this.#schedule(this.#flushLater);
    }
    this.#batch.push(message);
    for (const bytes of moved) {
      if (bytes && bytes.byteLength >= MOVE_BYTES && ownsItsMemory(bytes)) {
        this.#transfer.push(bytes.buffer as ArrayBuffer);
      }
    }
    if (this.#batch.length >= BATCH_MAX) this.#send();
  }

  /** From now on messages wait for `flush`, which also ends the holding… */
  hold(): void {
    this.#held = true;
  }

  /** …or for this, once they have waited for so long, in ms. */
  flushOlder(ms: number): void {
    if (this.#batch.length > 0 && performance.now() - this.#oldestAt > ms) this.#send();
  }

  flush(): void {
    this.#held = false;
    if (this.#batch.length > 0) this.#send();
  }

  #send(): void {
    const batch = this.#batch;
    const transfer = this.#transfer;
    this.#batch = [];
    this.#transfer = [];
    this.#post(batch, transfer);
  }
}

/** The other side can work on so many while more are made: it would stand idle waiting for all of them. */
const BATCH_MAX = 12;

/** Below this, copying costs less than moving. */
const MOVE_BYTES = 16 * 1024;

function ownsItsMemory(bytes: Uint8Array): boolean {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
}
