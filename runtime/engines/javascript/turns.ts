/**
 * Lets one piece of work at a time into a machine: while a guest is suspended in a blocking call,
 * nothing else may run on its stack.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** Undefined if nobody is in; else resolves when everybody who came before has left. */
  enter(): Promise<void> | undefined {
    if (this.#taken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    return undefined;
  }

  /** To be called once by everybody who has entered. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}
