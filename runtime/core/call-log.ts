import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { CallReport } from "../protocol/model.ts";

export interface CallQuery {
  readonly function?: string | undefined;
  /** Only calls that failed. */
  readonly errors?: boolean | undefined;
  /** Only calls with a smaller id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Reports of the newest calls, in memory. */
export class CallLog {
  /** In the order in which the calls ended. */
  readonly #reports = new Map<number, CallReport>();
  readonly #children = new Map<number, number[]>();

  add(report: CallReport): void {
    this.#reports.set(report.id, report);
    if (report.parent !== undefined) {
      const siblings = this.#children.get(report.parent);
      if (siblings) siblings.push(report.id);
      else this.#children.set(report.parent, [report.id]);
    }
    if (this.#reports.size > PLATFORM_LIMITS.callReports.value) this.#forgetOldest();
  }

  get(id: number): CallReport | undefined {
    return this.#reports.get(id);
  }

  /** The calls made by a call, in the order in which they were made. */
  children(id: number): CallReport[] {
    const ids = this.#children.get(id) ?? [];
    return ids.flatMap((one) => this.#reports.get(one) ?? []).sort((a, b) => a.id - b.id);
  }

  /** Newest first. */
  list(query: CallQuery): CallReport[] {
    const { before = Number.POSITIVE_INFINITY } = query;
    return [...this.#reports.values()]
      .filter(
        (one) =>
          one.id < before &&
          (query.function === undefined || one.function === query.function) &&
          (!query.errors || one.error !== undefined),
      )
      .sort((a, b) => b.id - a.id)
      .slice(0, query.limit);
  }

  #forgetOldest(): void {
    for (const [id, report] of this.#reports) {
      this.#reports.delete(id);
      if (report.parent === undefined) return;
      const siblings = this.#children.get(report.parent)?.filter((one) => one !== id) ?? [];
      if (siblings.length === 0) this.#children.delete(report.parent);
      else this.#children.set(report.parent, siblings);
      return;
    }
  }
}
