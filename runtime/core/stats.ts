import type { CallReport } from "../protocol/model.ts";
import type { StatusSample } from "../protocol/rest.ts";
import { Latencies } from "./latencies.ts";
import { memoryUsage } from "./memory-usage.ts";

interface FunctionFigures {
  readonly calls: number;
  readonly errors: number;
  /** Of the last 5 to 10 minutes. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Linear memory at the end of the last call. */
  readonly memoryBytes: number;
}

const SAMPLE_MS = 5000;
const SAMPLES_KEPT = (15 * 60 * 1000) / SAMPLE_MS;
const SAMPLES_PER_WINDOW = (5 * 60 * 1000) / SAMPLE_MS;
/** Names that are counted one by one; the rest is counted together. */
const FUNCTIONS_MAX = 1000;
const COUNTERS_MAX = 200;
/** Under this name the figures of all functions beyond the first thousand are added up. */
export const OTHERS = "(others)";

class Figures {
  calls = 0;
  errors = 0;
  memoryBytes = 0;
  readonly all = new Latencies();
  now = new Latencies();
  before = new Latencies();

  recent(): Latencies {
    return this.now.merge(this.before);
  }
}

const NO_FIGURES: FunctionFigures = { calls: 0, errors: 0, p50Ms: 0, p99Ms: 0, memoryBytes: 0 };

/** What was counted since the start, with a bounded number of names. */
export class Stats {
  readonly #functions = new Map<string, Figures>();
  readonly #counters = new Map<string, number>();
  readonly #samples: StatusSample[] = [];
  #sampleRequests = 0;
  #sampleErrors = 0;
  #sampleLatencies = new Latencies();
  #ticks = 0;

  count(counter: string, by = 1): void {
    const known = this.#counters.get(counter);
    const name = known === undefined && this.#counters.size >= COUNTERS_MAX ? OTHERS : counter;
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + by);
  }

  /**
   * Counts a finished call.
   * @param ofPlatform of the platform's own functions: it is no traffic of the user's
   */
  ended(report: CallReport, ofPlatform = false): void {
    const figures = this.#figuresOf(report.function);
    figures.calls++;
    figures.memoryBytes = report.memoryBytes || figures.memoryBytes;
    figures.all.add(report.durationMs);
    figures.now.add(report.durationMs);
    if (report.error) figures.errors++;
    if (report.parent !== undefined || ofPlatform) return;
    this.#sampleRequests++;
    if (report.error) this.#sampleErrors++;
    this.#sampleLatencies.add(report.durationMs);
  }

  figures(functionName: string): FunctionFigures {
    const figures = this.#functions.get(functionName);
    if (!figures) return NO_FIGURES;
    const recent = figures.recent();
    return {
      calls: figures.calls,
      errors: figures.errors,
      p50Ms: recent.percentile(0.5),
      p99Ms: recent.percentile(0.99),
      memoryBytes: figures.memoryBytes,
    };
  }

  get counters(): Readonly<Record<string, number>> {
    let calls = 0;
    let errors = 0;
    for (const one of this.#functions.values()) {
      calls += one.calls;
      errors += one.errors;
    }
    return { calls, errors, ...Object.fromEntries(this.#counters) };
  }

  /** Last 15 minutes, oldest first. */
  get samples(): readonly StatusSample[] {
    return this.#samples;
  }

  /** Name and figures of everything that was called, for metrics. */
  *functions(): IterableIterator<readonly [string, Figures]> {
    yield* this.#functions;
  }

  /**
   * Takes a sample each 5 s until the answered function is called.
   * @param executors number of executors now
   */
  start(executors: () => number): () => void {
    const timer = setInterval(() => this.sample(executors()), SAMPLE_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Closes the present sample. */
  sample(executors: number, at = Date.now()): void {
    this.#samples.push({
      at,
      requests: this.#sampleRequests,
      errors: this.#sampleErrors,
      p50Ms: this.#sampleLatencies.percentile(0.5),
      p99Ms: this.#sampleLatencies.percentile(0.99),
      rssBytes: memoryUsage().rss,
      executors,
    });
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift();
    this.#sampleRequests = 0;
    this.#sampleErrors = 0;
    this.#sampleLatencies = new Latencies();
    if (++this.#ticks % SAMPLES_PER_WINDOW === 0) this.#turnWindow();
  }

  #turnWindow(): void {
    for (const one of this.#functions.values()) {
      one.before = one.now;
      one.now = new Latencies();
    }
  }

  #figuresOf(name: string): Figures {
    let figures = this.#functions.get(name);
    if (figures) return figures;
    const key = this.#functions.size >= FUNCTIONS_MAX ? OTHERS : name;
    figures = this.#functions.get(key) ?? new Figures();
    this.#functions.set(key, figures);
    return figures;
  }
}
