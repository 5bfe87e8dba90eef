/**
 * Reads of the key-value store: at once where the executor can read it itself, else by asking the
 * host. What is read is on disk.
 */
export interface KvReader {
  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}
