import { html, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { formatMs } from "../format.ts";

interface Phase {
  readonly name: string;
  readonly key: string;
  readonly colour: string;
}

const PHASES: readonly Phase[] = [
  { name: "queue", key: "queueMs", colour: "dim" },
  { name: "compile", key: "compileMs", colour: "c2" },
  { name: "upload", key: "uploadMs", colour: "c4" },
  { name: "dispatch", key: "dispatchMs", colour: "c1" },
  { name: "read back", key: "readbackMs", colour: "c3" },
];

/** The times of one GPU run as a stacked bar with its figures. */
export function gpuReport(report: unknown): TemplateResult {
  const times = (report ?? {}) as Readonly<Record<string, unknown>>;
  const phases = PHASES.map((phase) => ({ ...phase, ms: Number(times[phase.key] ?? 0) }));
  const total = phases.reduce((sum, phase) => sum + phase.ms, 0) || 1;
  return html`<div class="stack" role="img" aria-label="Time by phase">
      ${phases.map(
        (phase) =>
          html`<i class="bg-${phase.colour}" style=${styleMap({ width: `${(100 * phase.ms) / total}%` })}></i>`,
      )}
    </div>
    <div class="dim">
      ${phases.map((phase) => `${phase.name} ${formatMs(phase.ms)}`).join(" · ")}
    </div>`;
}
