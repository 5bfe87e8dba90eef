/**
 * Lets one piece of work at a time into a machine: while a guest is suspended in a blocking call,
 * nothing else may run on its stack.
 */
export class Turns {
  #tail: Promise<unknown> | undefined;

  /** Runs work when everything asked for before is done; at once when nothing is. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail ? this.#tail.then(work, work) : work();
    this.#tail = turn;
    const done = () => {
      if (this.#tail === turn) this.#tail = undefined;
    };
    turn.then(done, done);
    return turn;
  }
}
