import type { TechID } from "../protocol/model.ts";

/** What a blob will be as soon as it is on disk. */
export interface ArrivedBlob {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Blobs on their way to the disk, and those who wait for some. */
export class BlobArrivals {
  readonly #arrived = new Map<TechID, ArrivedBlob>();
  readonly #awaited = new Map<TechID, Set<() => void>>();

  get(techID: TechID): ArrivedBlob | undefined {
    return this.#arrived.get(techID);
  }

  /** The blob has come, and is known until it is written. */
  async during<T>(techID: TechID, blob: ArrivedBlob, written: Promise<T>): Promise<T> {
    this.#arrived.set(techID, blob);
    this.#tell(techID);
    try {
      return await written;
    } finally {
      if (this.#arrived.get(techID) === blob) this.#arrived.delete(techID);
    }
  }

  /** Settles when the blob has come, or after `ms`. */
  async wait(techID: TechID, ms: number): Promise<void> {
    if (this.#arrived.has(techID)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#awaited.get(techID) ?? new Set();
    this.#awaited.set(techID, waiting.add(resolve));
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#awaited.get(techID) === waiting) this.#awaited.delete(techID);
  }

  #tell(techID: TechID): void {
    for (const resolve of this.#awaited.get(techID) ?? []) resolve();
  }
}
