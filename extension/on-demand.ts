/** Something that is made, and whose code is loaded, when it is first wanted. */
export class OnDemand<T> {
  readonly #make: () => Promise<T>;
  #making: Promise<T> | undefined;
  #made: T | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** What there is so far. */
  get made(): T | undefined {
    return this.#made;
  }

  async get(): Promise<T> {
    this.#making ??= this.#make().then((made) => {
      this.#made = made;
      return made;
    });
    return this.#making;
  }
}
