import { MocError } from "../protocol/errors.ts";
import type {
  GpuDescription,
  GpuJob,
  GpuResult,
  GpuState,
  ShaderCheck,
  ShaderShape,
  ShaderSource,
} from "../protocol/gpu.ts";
import { type Absence, adviceFor, readSystem } from "./absence.ts";
import { type Attempt, attemptsFor } from "./adapter-search.ts";
import { checkInThread } from "./check-in-thread.ts";
import type { GpuInput } from "./exchange-file.ts";
import { GPU_PROCESS, GpuProcessLink } from "./gpu-process-link.ts";
import { missingPart } from "./missing-part.ts";
import { type ShaderFindings, SLOTS } from "./process-messages.ts";
import { Turns } from "./turns.ts";

/** Time on the GPU that one job gets at most; then the GPU host is ended and started again. */
const JOB_TIMEOUT_MS = 30_000;
/** Who saves a shader does not wait longer for a GPU that is busy with something else. */
const CHECK_TIMEOUT_MS = 10_000;
/** How long "there is no adapter" is believed before it is looked for again. */
const UNAVAILABLE_KEPT_MS = 10_000;

/** Which adapter is wanted, and how the process is started. */
export interface GpuHostOptions {
  /** Empty: the best there is; `software`; `none`; or part of a name as `moc gpu` lists it. */
  readonly adapter?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A real Node: the driver's addon does not work in Electron's. Default: this process's own. */
  readonly node?: string;
  readonly jobTimeoutMs?: number;
  /** The program that is the GPU host; default: our own. */
  readonly entry?: URL;
}

interface GpuCallOptions {
  /** Wall time, waiting included. */
  readonly timeoutMs?: number;
  /** Aborted when nobody wants the answer any more; the reason should be a MocError. */
  readonly signal?: AbortSignal;
}

interface Clock {
  readonly asked: number;
  begun: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The GPU: a process of its own, started when first needed, kept, and started again after a crash,
 * a lost device, or a shader that does not end.
 */
export class GpuHost {
  readonly #options: GpuHostOptions;
  readonly #turns = new Turns(SLOTS);
  #link: Promise<GpuProcessLink> | undefined;
  /** What found an adapter before is tried first when the process starts again. */
  #proven: Attempt | undefined;
  #unavailable: { readonly reason: string; readonly at: number } | undefined;
  /** Of the process that runs now. */
  #description: GpuDescription | undefined;
  #closed = false;

  constructor(options: GpuHostOptions = {}) {
    this.#options = options;
  }

  /** Adapter, driver, limits and features; or why there is none and what to do about it. */
  async describe(): Promise<GpuDescription> {
    try {
      return (await this.#running()).description;
    } catch (error) {
      if (!(error instanceof MocError) || error.code !== "MOC_GPU_UNAVAILABLE") throw error;
      return { available: false, reason: error.message };
    }
  }

  /** What is known without starting anything. */
  get state(): GpuState {
    const running = this.#description;
    if (running?.available) {
      const { adapter, driver, backend, software } = running;
      return { state: "running", adapter, driver, backend, software };
    }
    const reason = this.#impossible() ?? this.#unavailable?.reason;
    return reason === undefined ? { state: "idle" } : { state: "unavailable", reason };
  }

  /** Process id of the GPU host while it runs. */
  async pid(): Promise<number | undefined> {
    return (await this.#link)?.pid;
  }

  /** @throws MOC_SHADER_INVALID, MOC_GPU_UNAVAILABLE, MOC_GPU_LOST, MOC_LIMIT_TIME */
  inspect(shader: ShaderSource, options: GpuCallOptions = {}): Promise<ShaderShape> {
    return this.#inTime(options, (clock) =>
      this.#watched(clock, (link, _turn, onBegin) => link.inspect(shader, { onBegin })),
    );
  }

  /**
   * All that is wrong with a shader. Where no adapter compiles it, or the GPU is at its limits, it is
   * read by what needs no device, and the note says so.
   * @throws MOC_STOPPING
   */
  async check(shader: ShaderSource): Promise<ShaderFindings & Omit<ShaderCheck, "problems">> {
    try {
      return await this.#inTime({ timeoutMs: CHECK_TIMEOUT_MS }, (clock) =>
        this.#watched(clock, async (link, _turn, onBegin) => {
          const findings = await link.check(shader, { onBegin });
          return { ...findings, compiledBy: link.description.adapter };
        }),
      );
    } catch (error) {
      const { code, message } = MocError.from(error);
      if (!code.startsWith("MOC_GPU") && code !== "MOC_LIMIT_TIME") throw error;
      const note = `read, but not compiled for a GPU: ${message}`;
      return { ...(await checkInThread(shader)), note };
    }
  }

  /**
   * Runs the passes of a job.
   * @param inputs those that the job's resources name by index
   * @throws MOC_SHADER_INVALID, MOC_SHADER_BINDING, MOC_GPU_UNAVAILABLE, MOC_GPU_LOST,
   *   MOC_LIMIT_TIME, MOC_LIMIT_MEMORY
   */
  compute(
    job: GpuJob,
    inputs: readonly GpuInput[],
    options: GpuCallOptions = {},
  ): Promise<GpuResult> {
    return this.#inTime(options, (clock) =>
      this.#watched(clock, async (link, turn, onBegin) => {
        const done = await link.compute(job, inputs, turn, { onBegin });
        const { adapter, software } = link.description;
        const queue = clock.begun - clock.asked;
        const timings = { ...done.report.timings, queue, total: performance.now() - clock.asked };
        return { buffers: done.buffers, report: { ...done.report, adapter, software, timings } };
      }),
    );
  }

  /** Ends the process; calls in flight fail with MOC_GPU_LOST. Nothing can be asked afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    // A process that did not start was told to those who asked, and needs no end.
    const link = await this.#link?.catch(() => undefined);
    link?.kill();
  }

  /** Answers the caller in time, whatever becomes of the work. */
  async #inTime<T>(options: GpuCallOptions, work: (clock: Clock) => Promise<T>): Promise<T> {
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
    signal?.throwIfAborted();
    const asked = performance.now();
    const clock = { asked, begun: asked, deadline: asked + timeoutMs, signal };
    const { promise: given, reject: giveUp } = Promise.withResolvers<never>();
    const onAbort = () => giveUp(MocError.from(signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    const late = Number.isFinite(timeoutMs)
      ? setTimeout(() => giveUp(timeError(timeoutMs)), timeoutMs)
      : undefined;
    try {
      return await Promise.race([work(clock), given]);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** One of the few requests that the process works on; ends the process when it runs too long. */
  async #watched<T>(
    clock: Clock,
    work: (link: GpuProcessLink, turn: number, onBegin: () => void) => Promise<T>,
  ): Promise<T> {
    const turn = await this.#turns.take();
    let limit: NodeJS.Timeout | undefined;
    let late: MocError | undefined;
    try {
      // Whoever gave up while it waited has the answer already.
      clock.signal?.throwIfAborted();
      if (performance.now() >= clock.deadline) throw timeError(clock.deadline - clock.asked);
      const link = await this.#running();
      const onBegin = () => {
        clock.begun = performance.now();
        const left = Math.max(clock.deadline - clock.begun, 0);
        const allowed = Math.min(this.#options.jobTimeoutMs ?? JOB_TIMEOUT_MS, left);
        limit = setTimeout(() => {
          late = timeError(allowed);
          link.kill();
        }, allowed);
      };
      return await work(link, turn, onBegin);
    } catch (error) {
      throw late ?? error;
    } finally {
      clearTimeout(limit);
      this.#turns.give(turn);
    }
  }

  #running(): Promise<GpuProcessLink> {
    if (this.#closed) {
      return Promise.reject(new MocError("MOC_STOPPING", "the GPU host is closed"));
    }
    if (!this.#link) {
      const link = this.#start();
      this.#link = link;
      // Whoever awaits it hears of the failure; the next one starts anew.
      link.catch(() => this.#forget(link));
    }
    return this.#link;
  }

  #forget(link: Promise<GpuProcessLink>): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#description = undefined;
  }

  async #start(): Promise<GpuProcessLink> {
    const known = this.#unavailable;
    const impossible = this.#impossible();
    if (impossible !== undefined) throw unavailable(impossible);
    if (known && performance.now() - known.at < UNAVAILABLE_KEPT_MS) {
      throw unavailable(known.reason);
    }
    const node = this.#node();
    const entry = this.#options.entry ?? GPU_PROCESS;
    const failed: Absence[] = [];
    for (const attempt of this.#attempts()) {
      const link = await GpuProcessLink.start(node, attempt, entry);
      if ("cause" in link) {
        failed.push({ cause: link.cause, reason: `${attempt.chosen}: ${link.reason}` });
        // What does not start at all, starts with no other driver either.
        if (link.cause === "addon" || link.cause === "node") break;
        continue;
      }
      this.#proven = attempt;
      this.#unavailable = undefined;
      this.#description = link.description;
      const started = this.#link;
      link.onEnd = () => {
        if (started) this.#forget(started);
      };
      return link;
    }
    const { env = process.env } = this.#options;
    const tried = failed.map((one) => one.reason).join("; ") || "no software driver was found";
    const reason = `no usable GPU adapter (${tried}): ${adviceFor(failed, readSystem(env))}`;
    // Where there was an adapter before, a start that fails is an accident.
    if (!this.#proven) this.#unavailable = { reason, at: performance.now() };
    throw unavailable(reason);
  }

  /** Why looking for an adapter would be of no use. */
  #impossible(): string | undefined {
    if (this.#options.adapter !== "none") return missingPart();
    return "the adapter setting is 'none': choose another (--gpu-adapter; in the editor myOwnCluster.runtime.gpuAdapter) and start the runtime again";
  }

  #attempts(): readonly Attempt[] {
    const { adapter = "", env = process.env } = this.#options;
    const attempts = attemptsFor(adapter, env);
    return this.#proven ? [this.#proven, ...attempts] : attempts;
  }

  #node(): string {
    if (this.#options.node) return this.#options.node;
    return process.versions.electron ? "node" : process.execPath;
  }
}

function unavailable(reason: string): MocError {
  return new MocError("MOC_GPU_UNAVAILABLE", reason);
}

function timeError(ms: number): MocError {
  return new MocError(
    "MOC_LIMIT_TIME",
    `the GPU work took longer than its limit of ${Math.round(ms)} ms; do less in one call, or raise limits.timeoutMs`,
  );
}
