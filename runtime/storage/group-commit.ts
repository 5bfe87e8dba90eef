import type { Change, Operation } from "../core/keyspace.ts";

/** Bytes of operations that share one write, unless a single commit is larger. */
const GROUP_BYTES = 16 * 1024 * 1024;

interface Waiting {
  /** Works out the operations; runs when all earlier writes are on disk. */
  readonly prepare: (() => Change<unknown>) | undefined;
  /** Work that no write may come between. */
  readonly alone: (() => Promise<void>) | undefined;
  readonly operations: readonly Operation[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Merges commits that wait at the same time into one durable write, so that durability does not
 * cost one fsync each. Order is kept; each commit is atomic.
 */
export class GroupCommit {
  readonly #write: (operations: readonly Operation[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** @param write puts operations on disk, all or none; never called while it still runs */
  constructor(write: (operations: readonly Operation[]) => Promise<void>) {
    this.#write = write;
  }

  commit(operations: readonly Operation[]): Promise<void> {
    return this.#enqueue(undefined, operations) as Promise<void>;
  }

  transact<T>(prepare: () => Change<T>): Promise<T> {
    return this.#enqueue(prepare, []) as Promise<T>;
  }

  /** Runs `work` when all earlier writes are on disk and before any later one. */
  exclusive(work: () => Promise<void>): Promise<void> {
    return this.#enqueue(undefined, [], work) as Promise<void>;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #enqueue(
    prepare: (() => Change<unknown>) | undefined,
    operations: readonly Operation[],
    alone?: () => Promise<void>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ prepare, alone, operations, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // Everything that is committed within the present turn joins the first group.
    await undefined;
    while (this.#waiting.length > 0) await this.#writeGroup();
    this.#running = undefined;
  }

  async #writeGroup(): Promise<void> {
    const group = this.#takeGroup();
    const first = group[0];
    let change: Change<unknown> | undefined;
    if (first?.prepare) {
      try {
        change = first.prepare();
      } catch (error) {
        first.reject(error);
        group.shift();
      }
    }
    const operations = [...(change?.operations ?? []), ...group.flatMap((one) => one.operations)];
    try {
      if (first?.alone) await first.alone();
      if (operations.length > 0) await this.#write(operations);
      change?.apply?.();
    } catch (error) {
      for (const one of group) one.reject(error);
      return;
    }
    for (const one of group) one.resolve(one === first ? change?.result : undefined);
  }

  /** A change that looks at the present state can only be the first of its group. */
  #takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const one of this.#waiting) {
      bytes += sizeOf(one.operations);
      if (count > 0 && (one.prepare || one.alone || bytes > GROUP_BYTES)) break;
      count++;
      if (one.alone) break;
    }
    return this.#waiting.splice(0, count);
  }
}

function sizeOf(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const one of operations) {
    bytes += one.key.length + (one.type === "put" ? one.value.length : 0);
  }
  return bytes;
}
