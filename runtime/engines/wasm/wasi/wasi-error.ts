/** A WASI function answers with this errno. */
export class WasiError extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.name = "WasiError";
    this.errno = errno;
  }
}

/** Ends a WASI function with an errno. */
export function fail(errno: number): never {
  throw new WasiError(errno);
}
