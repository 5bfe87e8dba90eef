/** What bench/gpu.ts measures, on both sides. */

/** Calls of one measurement, after a first one that is not counted. */
export const ROUNDS = 25;

/** The work of the bare program; the shaders are those of the samples. */
export interface BareWork {
  readonly squares: string;
  readonly mandelbrot: string;
  /** The uniform `view` of the Mandelbrot shader: x, y, span, iterations. */
  readonly view: readonly number[];
  readonly smallCount: number;
  readonly largeCount: number;
  readonly side: number;
}

export interface BareResult {
  readonly small: number;
  readonly squares: number;
  readonly mandelbrot: number;
}

/** A client in a process of its own, as clients are. */
export interface ClientPlan {
  readonly url: string;
  readonly certificate: string;
  readonly method: "GET" | "POST";
  /** Floats of the body; 0: none. */
  readonly floats: number;
  readonly rounds: number;
}

export interface ClientResult {
  /** Medians in milliseconds: from request to last byte, and of the dispatch alone. */
  readonly total: number;
  readonly dispatch: number;
}
