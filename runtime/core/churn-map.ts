/**
 * A map for what comes and goes by the thousand a second. V8 links a map's outgrown table to its
 * successor: one such table in the old generation, dead itself, keeps all that the following ones
 * held alive until the next full collection, and each young collection copies it. Here they hold
 * small cells, which are emptied when their value is removed.
 */
export class ChurnMap<K, V extends object> {
  readonly #cells = new Map<K, { value: V | undefined }>();

  get size(): number {
    return this.#cells.size;
  }

  has(key: K): boolean {
    return this.#cells.has(key);
  }

  get(key: K): V | undefined {
    return this.#cells.get(key)?.value;
  }

  set(key: K, value: V): void {
    this.#cells.set(key, { value });
  }

  /** Removes a value and answers it. */
  take(key: K): V | undefined {
    const cell = this.#cells.get(key);
    if (!cell) return undefined;
    this.#cells.delete(key);
    const { value } = cell;
    cell.value = undefined;
    return value;
  }

  clear(): void {
    for (const cell of this.#cells.values()) cell.value = undefined;
    this.#cells.clear();
  }

  *entries(): IterableIterator<[K, V]> {
    for (const [key, { value }] of this.#cells) if (value) yield [key, value];
  }

  *values(): IterableIterator<V> {
    for (const { value } of this.#cells.values()) if (value) yield value;
  }
}
