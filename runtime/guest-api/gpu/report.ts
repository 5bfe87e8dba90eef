import type { GpuReport } from "../../protocol/gpu.ts";
import type { CallContext } from "../call-context.ts";

const REPORTS = new WeakMap<CallContext, GpuReport[]>();

/** Adds a job to the call's report, where `gpu` is the list of all its jobs. */
export function reportJob(context: CallContext, report: GpuReport): void {
  const reports = REPORTS.get(context) ?? [];
  REPORTS.set(context, reports);
  reports.push(report);
  context.reportGpu(reports);
}
