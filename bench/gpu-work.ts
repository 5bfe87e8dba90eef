/** What bench/gpu.ts measures, on both sides, and how it asks for it. */

/** The bare program and the client do rounds of one kind of work when told, and answer their times. */
export interface GpuRounds {
  readonly kind: "small" | "squares" | "mandelbrot";
  readonly rounds: number;
}

/** One round in milliseconds: all of it, and what the GPU itself says of its dispatch. */
export interface GpuRound {
  readonly total: number;
  readonly dispatch?: number;
}

export type GpuTimes = readonly GpuRound[];

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

/** A client in a process of its own, as clients are. */
export interface ClientPlan {
  readonly base: string;
  /** For https. */
  readonly certificate?: string;
  readonly smallCount: number;
  readonly largeCount: number;
  readonly side: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
