import { Worker } from "node:worker_threads";
import { MocError } from "../../runtime/protocol/errors.ts";
import { BUILD_TIMEOUT_MS, cleanEnvironment } from "../run-tool.ts";
import type { BuildOptions } from "./builder.ts";
import type { CompileAnswer, CompileJob } from "./worker-call.ts";

/** An aborted compile may go on for so long, so that the next one finds the compiler warm. */
const ABORT_GRACE_MS = 1000;

/** A compiler that stays loaded in a worker thread between builds; one job at a time. */
export class CompilerThread {
  readonly #entry: URL;
  readonly #name: string;
  #worker: Worker | undefined;
  #queue: Promise<void> = Promise.resolve();
  #nextID = 1;

  /** @param entry - file of the worker, beside the caller's own */
  constructor(name: string, entry: URL) {
    this.#name = name;
    this.#entry = entry;
  }

  /** @throws MocError MOC_CANCELLED, MOC_BUILD_FAILED (timeout, the compiler broke) */
  async compile(job: Omit<CompileJob, "id">, options: BuildOptions): Promise<CompileAnswer> {
    const turn = this.#queue;
    const mine = Promise.withResolvers<void>();
    this.#queue = mine.promise;
    await turn;
    if (options.signal?.aborted) {
      mine.resolve();
      throw cancelled();
    }
    const answered = this.#post(job, options.timeoutMs ?? BUILD_TIMEOUT_MS);
    answered.then(
      () => mine.resolve(),
      () => mine.resolve(),
    );
    return this.#orAborted(answered, options.signal);
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** Gives up at once; the compiler is ended only if it does not finish soon. */
  async #orAborted(
    answered: Promise<CompileAnswer>,
    signal: AbortSignal | undefined,
  ): Promise<CompileAnswer> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      const timer = setTimeout(() => void this.close(), ABORT_GRACE_MS);
      const stop = (): void => clearTimeout(timer);
      answered.then(stop, stop);
      reject(cancelled());
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([answered, aborted]);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #post(job: Omit<CompileJob, "id">, timeoutMs: number): Promise<CompileAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<CompileAnswer>();
    const worker = this.#start();
    const id = this.#nextID++;
    const broke = (reason: string): MocError =>
      new MocError("MOC_BUILD_FAILED", `${this.#name} was ended: ${reason}.`);
    const onMessage = (answer: CompileAnswer): void => {
      if (answer.id !== id) return;
      if (answer.crash === undefined) {
        resolve(answer);
        return;
      }
      // A compiler that broke may have broken its own state too.
      void this.close();
      reject(broke(answer.crash));
    };
    const onEnd = (): void => reject(broke("its thread stopped"));
    const onError = (error: Error): void => reject(broke(error.message));
    const timer = setTimeout(() => {
      reject(broke(`it ran longer than ${timeoutMs / 1000} s`));
      void this.close();
    }, timeoutMs);
    worker.on("message", onMessage).once("exit", onEnd).once("error", onError).ref();
    const settle = (): void => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("exit", onEnd).off("error", onError).unref();
    };
    promise.then(settle, settle);
    const message: CompileJob = { ...job, id };
    worker.postMessage(message);
    return promise;
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#entry, { env: cleanEnvironment(), stdout: true, stderr: true });
    // An error without a listener would end this process; jobs have their own listeners.
    worker.on("error", () => this.#forget(worker));
    worker.on("exit", () => this.#forget(worker));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
  }
}

function cancelled(): MocError {
  return new MocError("MOC_CANCELLED", "The build was cancelled.");
}

/** Address of a worker's file: beside the module that asks, source or bundle alike. */
export function workerEntry(name: string): URL {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./${name}${extension}`, import.meta.url);
}
