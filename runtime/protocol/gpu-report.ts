import type { GpuReport } from "./gpu.ts";

/** Different passes that a report lists; those after them are left out. */
const PASSES_MAX = 64;

/** Passes in a row that are the same become one, which says how often it ran. */
export function inRuns(passes: GpuReport["passes"]): GpuReport["passes"] {
  const runs: GpuReport["passes"][number][] = [];
  for (const pass of passes) {
    const last = runs.at(-1);
    const isSame =
      last?.shader === pass.shader &&
      last.entry === pass.entry &&
      last.workgroups.join() === pass.workgroups.join();
    if (last && isSame) {
      runs[runs.length - 1] = { ...last, runs: (last.runs ?? 1) + (pass.runs ?? 1) };
    } else if (runs.length < PASSES_MAX) runs.push(pass);
  }
  return runs;
}
