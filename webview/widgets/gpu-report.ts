import { html, type TemplateResult } from "lit";
import type { GpuReport, GpuTimings } from "../../runtime/protocol/gpu.ts";
import { formatMs } from "../format.ts";

interface Phase {
  readonly name: string;
  readonly key: keyof GpuTimings;
  readonly colour: string;
}

const PHASES: readonly Phase[] = [
  { name: "queue", key: "queue", colour: "dim" },
  { name: "compile", key: "compile", colour: "c2" },
  { name: "upload", key: "upload", colour: "c4" },
  { name: "dispatch", key: "dispatch", colour: "c1" },
  { name: "read back", key: "readback", colour: "c3" },
];

/** The times of one GPU run as a stacked bar with its figures. */
export function gpuReport({ timings }: GpuReport): TemplateResult {
  const sum = PHASES.reduce((total, phase) => total + timings[phase.key], 0) || 1;
  const text = PHASES.map((phase) => `${phase.name} ${formatMs(timings[phase.key])}`).join(" · ");
  return html`<div class="stack" role="img" aria-label="Time by phase: ${text}">
      ${PHASES.map(
        (phase) =>
          html`<i
            class="bg-${phase.colour}"
            title=${phase.name}
            .style=${`width: ${(100 * timings[phase.key]) / sum}%`}
          ></i>`,
      )}
    </div>
    <div class="dim legend">
      ${PHASES.map(
        (phase) =>
          html`<span><i class="dot bg-${phase.colour}"></i>${phase.name} ${formatMs(timings[phase.key])}</span>`,
      )}
    </div>`;
}
