import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { CallReport } from "../protocol/model.ts";

interface CallQuery {
  readonly function?: string | undefined;
  /** Only calls that failed. */
  readonly errors?: boolean | undefined;
  /** Only calls with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Reports of the newest calls, in memory. */
export class CallLog {
  /** In the order in which the calls ended; a full ring begins at `#next`. */
  readonly #ring: CallReport[] = [];
  #next = 0;

  add(report: CallReport): void {
    this.#ring[this.#next] = report;
    this.#next = (this.#next + 1) % PLATFORM_LIMITS.callReports.value;
  }

  get(id: number): CallReport | undefined {
    return this.#ring.find((one) => one.id === id);
  }

  /** The calls made by a call, in the order in which they were made. */
  children(id: number): CallReport[] {
    return this.#ring.filter((one) => one.parent === id).sort((a, b) => a.id - b.id);
  }

  /** Newest first. */
  list(query: CallQuery): CallReport[] {
    const { before = Number.POSITIVE_INFINITY } = query;
    return this.#ring
      .filter(
        (one) =>
          one.id < before &&
          (query.function === undefined || one.function === query.function) &&
          (!query.errors || one.error !== undefined),
      )
      .sort((a, b) => b.id - a.id)
      .slice(0, query.limit);
  }
}
