import type { HostClient } from "../protocol/host-ops.ts";
import type { FunctionLimits } from "../protocol/limits.ts";
import type { Capability, LogLevel } from "../protocol/model.ts";
import type { BufferID, BufferTable } from "./buffer-table.ts";
import type { KvReader } from "./kv-reader.ts";
import type { ByteBudget } from "./memory-buffer.ts";

/** Everything a guest API function may know of the call it serves. Lives as long as the call. */
export interface CallContext {
  readonly call: number;
  readonly functionName: string;
  readonly startFunction: string;
  readonly buffers: BufferTable;
  readonly input: BufferID;
  readonly output: BufferID;
  /** Bytes held in memory buffers of the call. */
  readonly budget: ByteBudget;
  readonly trace: boolean;
  readonly limits: FunctionLimits;
  readonly capabilities: ReadonlySet<Capability>;
  /** Asks the host; rejections are MocErrors. */
  readonly host: HostClient;
  readonly kv: KvReader;
  /** Aborted when the call is cancelled or its time is over; the reason is a MocError. */
  readonly signal: AbortSignal;
  log(level: LogLevel, text: string): void;
  /** Adds GPU timings to the call's report. */
  reportGpu(report: unknown): void;
}
