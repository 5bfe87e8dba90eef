import type { GpuReport, GpuTimings } from "../../protocol/gpu.ts";
import { inRuns } from "../../protocol/gpu-report.ts";
import type { CallContext } from "../call-context.ts";

const REPORTS = new WeakMap<CallContext, GpuReport>();

/** Adds a job to the call's report, where `gpu` is one {@link GpuReport} of all its jobs. */
export function reportJob(context: CallContext, report: GpuReport): void {
  const before = REPORTS.get(context);
  const whole = before ? joinReports(before, report) : report;
  REPORTS.set(context, whole);
  context.reportGpu(whole);
}

/** All passes, all times together, and the results of the later one. */
function joinReports(earlier: GpuReport, later: GpuReport): GpuReport {
  const sum = (name: keyof GpuTimings) => earlier.timings[name] + later.timings[name];
  return {
    ...later,
    shaders: [...new Set([...earlier.shaders, ...later.shaders])],
    passes: inRuns([...earlier.passes, ...later.passes]),
    timings: {
      queue: sum("queue"),
      compile: sum("compile"),
      upload: sum("upload"),
      dispatch: sum("dispatch"),
      readback: sum("readback"),
      total: sum("total"),
    },
  };
}
