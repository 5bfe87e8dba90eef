/** Messages between the runtime and the GPU host; many bytes go through {@link ExchangeFile}s. */
import type { ErrorJson } from "../protocol/errors.ts";
import type {
  GpuDescription,
  GpuJob,
  GpuReport,
  ShaderProblem,
  ShaderShape,
  ShaderSource,
} from "../protocol/gpu.ts";
import type { Absence } from "./absence.ts";

/** Up to so many bytes travel in the message: a file would cost more than it saves. */
export const MESSAGE_BYTES = 32 * 1024;

/** Exchange files of one GPU host: one job computes while the next one's bytes are on their way. */
export const SLOTS = 2;

/** First file descriptor of the exchange files in the GPU host, after stdio and the channel. */
export const FIRST_SLOT_FD = 4;

interface Asked {
  readonly id: number;
  /** Nothing else was asked: the time counts from now on, and nobody waits for `begin`. */
  readonly alone: boolean;
}

/** Asks the GPU host to run a job. */
export interface ComputeRequest extends Asked {
  readonly kind: "compute";
  readonly job: GpuJob;
  readonly slot: number;
  /** Lengths of the inputs, which follow each other in the slot's file, or here. */
  readonly sizes: readonly number[];
  readonly bytes?: Uint8Array;
}

/** What the runtime says to the GPU host. */
export type ToGpu =
  | ComputeRequest
  /** Fails at the first problem. */
  | (Asked & { readonly kind: "inspect"; readonly shader: ShaderSource })
  /** Finds all problems. */
  | (Asked & { readonly kind: "check"; readonly shader: ShaderSource });

/** All that is wrong with a shader, and how it looks when it compiles. */
export interface ShaderFindings {
  readonly problems: readonly ShaderProblem[];
  readonly shape?: ShaderShape;
}

/** The part of a report that only the GPU host knows. */
export type ProcessReport = Omit<GpuReport, "adapter" | "software">;

/** The adapter that the GPU host opened. */
export type UsableGpu = GpuDescription & { readonly available: true };

/** What the GPU host says to the runtime. */
export type FromGpu =
  | { readonly kind: "ready"; readonly description: UsableGpu }
  | ({ readonly kind: "absent" } & Absence)
  /** The GPU host turns to this request, which had to wait; from here its own time counts. */
  | { readonly kind: "begin"; readonly id: number }
  | { readonly kind: "inspected"; readonly id: number; readonly shape: ShaderShape }
  | { readonly kind: "checked"; readonly id: number; readonly findings: ShaderFindings }
  | {
      readonly kind: "computed";
      readonly id: number;
      readonly report: ProcessReport;
      /** Lengths of the outputs, which follow each other in the slot's file, or here. */
      readonly sizes: readonly number[];
      readonly bytes?: Uint8Array;
    }
  | { readonly kind: "failed"; readonly id: number; readonly error: ErrorJson }
  /** The device is gone, and with it everything that was asked. */
  | { readonly kind: "lost"; readonly error: ErrorJson };
