import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MocError } from "../protocol/errors.ts";
import type { GpuJob, ShaderShape, ShaderSource } from "../protocol/gpu.ts";
import type { Absence } from "./absence.ts";
import type { Attempt } from "./adapter-search.ts";
import { ExchangeFile, type GpuInput, inputLength } from "./exchange-file.ts";
import {
  type FromGpu,
  MESSAGE_BYTES,
  type ProcessReport,
  type ShaderFindings,
  SLOTS,
  type ToGpu,
  type UsableGpu,
} from "./process-messages.ts";

/** A driver that needs longer than this to open is taken for hung. */
const START_TIMEOUT_MS = 30_000;
/** Drivers look for a display first, which a server does not have. */
const DISPLAY_NOISE = /XDG_RUNTIME_DIR|WAYLAND_DISPLAY|\bDISPLAY\b/;
/** End of the standard error that is kept for messages. */
const STDERR_KEPT = 2000;

/** The bundle names its entry for node; from source node runs the TypeScript itself. */
export const GPU_PROCESS = import.meta.url.endsWith(".ts")
  ? new URL("./gpu-process.ts", import.meta.url)
  : new URL("./gpu.js", import.meta.url);

type Answer = Extract<FromGpu, { kind: "inspected" | "checked" | "computed" }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: MocError) => void;
  readonly onBegin: () => void;
}

/** What a request learns about its own run. */
interface RequestOptions {
  /** The GPU host turns to it, in milliseconds of `performance.now()`. */
  readonly onBegin: () => void;
}

/** One running GPU host. */
export class GpuProcessLink {
  readonly description: UsableGpu;
  readonly #child: ChildProcess;
  readonly #files: readonly ExchangeFile[];
  readonly #pending = new Map<number, Pending>();
  readonly #stderr: () => string;
  #nextID = 1;
  #ended = false;
  #onEnd: () => void = () => {};

  private constructor(started: Started, files: readonly ExchangeFile[]) {
    this.description = started.description;
    this.#child = started.child;
    this.#stderr = started.stderr;
    this.#files = files;
    this.#child.on("message", (message: FromGpu) => this.#receive(message));
    this.#child.once("exit", (code, signal) => this.#end(code, signal));
  }

  /**
   * Starts a GPU host and waits until it opened its adapter.
   * @returns why there is none
   */
  static async start(
    node: string,
    attempt: Attempt,
    entry: URL,
  ): Promise<GpuProcessLink | Absence> {
    const files = await Promise.all(Array.from({ length: SLOTS }, () => ExchangeFile.create()));
    const started = await startProcess(node, attempt, entry, files);
    if ("child" in started) return new GpuProcessLink(started, files);
    await Promise.all(files.map((file) => file.close()));
    return started;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Called once, when the process ended for whatever reason. */
  set onEnd(listener: () => void) {
    this.#onEnd = listener;
  }

  async inspect(shader: ShaderSource, { onBegin }: RequestOptions): Promise<ShaderShape> {
    const answer = await this.#ask((asked) => ({ kind: "inspect", ...asked, shader }), onBegin);
    if (answer.kind !== "inspected") throw unexpected(answer);
    return answer.shape;
  }

  async check(shader: ShaderSource, { onBegin }: RequestOptions): Promise<ShaderFindings> {
    const answer = await this.#ask((asked) => ({ kind: "check", ...asked, shader }), onBegin);
    if (answer.kind !== "checked") throw unexpected(answer);
    return answer.findings;
  }

  /** @param slot which exchange file; nobody else may use it meanwhile */
  async compute(
    job: GpuJob,
    inputs: readonly GpuInput[],
    slot: number,
    { onBegin }: RequestOptions,
  ): Promise<{ readonly report: ProcessReport; readonly buffers: readonly Uint8Array[] }> {
    const file = this.#files[slot];
    if (!file) throw new MocError("MOC_INTERNAL", `the GPU host has no slot ${slot}`);
    const sizes = inputs.map(inputLength);
    const length = sizes.reduce((sum, size) => sum + size, 0);
    const bytes = length <= MESSAGE_BYTES ? joined(inputs.flat(), length) : undefined;
    if (!bytes) await file.write(inputs);
    const answer = await this.#ask(
      (asked) => ({ kind: "compute", ...asked, job, slot, sizes, ...(bytes && { bytes }) }),
      onBegin,
    );
    if (answer.kind !== "computed") throw unexpected(answer);
    const { report, sizes: lengths, bytes: few } = answer;
    return { report, buffers: few ? split(few, lengths) : await file.read(lengths) };
  }

  /**
   * Ends the process. Requests in flight fail with MOC_GPU_LOST at once: where the driver hangs in the
   * system, a killed process may stay for long.
   */
  kill(): void {
    this.#child.kill("SIGKILL");
    this.#end(null, "SIGKILL");
  }

  #ask(
    message: (asked: { readonly id: number; readonly alone: boolean }) => ToGpu,
    onBegin: () => void,
  ): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#lostError("it ended before"));
    const id = this.#nextID++;
    const alone = this.#pending.size === 0;
    if (alone) onBegin();
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onBegin });
      this.#child.send(message({ id, alone }), (error) => {
        if (error) this.#settle(id)?.reject(this.#lostError(error.message));
      });
    });
  }

  #receive(message: FromGpu): void {
    if (message.kind === "ready" || message.kind === "absent") return;
    if (message.kind === "lost") {
      const error = MocError.fromJSON(message.error);
      for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
      // Whoever comes now must not meet a process that is about to end.
      this.kill();
    } else if (message.kind === "begin") this.#pending.get(message.id)?.onBegin();
    else if (message.kind === "failed") {
      this.#settle(message.id)?.reject(MocError.fromJSON(message.error));
    } else this.#settle(message.id)?.resolve(message);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#ended) return;
    this.#ended = true;
    const error = this.#lostError(signal ? `signal ${signal}` : `exit code ${code}`);
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
    for (const file of this.#files) void file.close();
    this.#onEnd();
  }

  #lostError(how: string): MocError {
    const said = this.#stderr().trim();
    const detail = said ? `; it wrote: ${said}` : "";
    return new MocError(
      "MOC_GPU_LOST",
      `the GPU host ended during the call (${how})${detail}. It is started again for the next call`,
    );
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/** Memory of its own for each. */
function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  let position = 0;
  return sizes.map((size) => {
    const part = new Uint8Array(bytes.subarray(position, position + size));
    position += size;
    return part;
  });
}

interface Started {
  readonly child: ChildProcess;
  readonly description: UsableGpu;
  readonly stderr: () => string;
}

async function startProcess(
  node: string,
  attempt: Attempt,
  entry: URL,
  files: readonly ExchangeFile[],
): Promise<Started | Absence> {
  const args = attempt.adapter === undefined ? [] : [attempt.adapter];
  const child = fork(fileURLToPath(entry), [attempt.chosen, ...args], {
    execPath: node,
    execArgv: [],
    env: attempt.env,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc", ...files.map((file) => file.fd)],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  const stderr = () => said;
  const answer = await waitUntilReady(child);
  if (!("cause" in answer)) {
    // What drivers complain of while they open has nothing to do with a later end.
    said = "";
    return { child, description: answer, stderr };
  }
  child.kill("SIGKILL");
  const { cause, reason } = answer;
  const lines = said.split("\n").map((line) => line.trim());
  const firstLine = lines.find((line) => line !== "" && !DISPLAY_NOISE.test(line));
  return { cause, reason: firstLine ? `${reason} (${firstLine})` : reason };
}

function waitUntilReady(child: ChildProcess): Promise<UsableGpu | Absence> {
  return new Promise((resolve) => {
    const seconds = START_TIMEOUT_MS / 1000;
    const late = setTimeout(
      () => resolve({ cause: "driver", reason: `it did not open within ${seconds} s` }),
      START_TIMEOUT_MS,
    );
    const settle = (answer: UsableGpu | Absence) => {
      clearTimeout(late);
      child.removeAllListeners();
      // A process that cannot be ended any more reports that as an error event: nothing is owed.
      child.on("error", () => {});
      resolve(answer);
    };
    child.once("message", (message: FromGpu) => {
      if (message.kind === "ready") settle(message.description);
      else if (message.kind === "absent") settle(message);
      else settle({ cause: "driver", reason: "the GPU host answered nonsense" });
    });
    child.once("error", (error) =>
      settle({ cause: "node", reason: `the GPU host cannot start: ${error.message}` }),
    );
    child.once("exit", (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      settle({ cause: "driver", reason: `it ended the GPU host while it was opened (${how})` });
    });
  });
}

function unexpected(answer: Answer): MocError {
  return new MocError("MOC_INTERNAL", `the GPU host answered '${answer.kind}' to another question`);
}
