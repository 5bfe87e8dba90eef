/**
 * Reads of the key-value store: at once where the executor can read it itself, else by asking the
 * host. What is read is on disk.
 */
export interface KvReader {
  /** @param key may lie in the guest's memory: it is copied before anything is awaited */
  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}
