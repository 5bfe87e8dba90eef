/**
 * Gives messages to an executor one after the other: what a message makes happen at once, promises
 * included, is done before the next one is given. So a call that does not wait ends before the next
 * begins, which finds its instance free and still in the processor's caches.
 */
export class Inbox<T> {
  readonly #give: (message: T) => void;
  readonly #done: () => void;
  readonly #queue: T[] = [];
  #next = 0;
  #working = false;
  readonly #work = () => this.#giveNext();
  // Microtasks run until there are none; a tick that one of them asked for comes after them all.
  readonly #afterMicrotasks = () => process.nextTick(this.#work);

  /** @param done everything that was received is given */
  constructor(give: (message: T) => void, done: () => void) {
    this.#give = give;
    this.#done = done;
  }

  receive(batch: readonly T[]): void {
    for (const message of batch) this.#queue.push(message);
    if (this.#working) return;
    this.#working = true;
    this.#giveNext();
  }

  #giveNext(): void {
    const message = this.#queue[this.#next++];
    if (message === undefined) {
      this.#queue.length = 0;
      this.#next = 0;
      this.#working = false;
      this.#done();
      return;
    }
    queueMicrotask(this.#afterMicrotasks);
    this.#give(message);
  }
}
