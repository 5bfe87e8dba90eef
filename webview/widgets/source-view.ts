import { html, type TemplateResult } from "lit";
import type { SourceProblem } from "../shader-result.ts";

const CONTEXT = 6;

/** Source text around the lines with problems, each problem below its line. */
export function sourceView(source: string, problems: readonly SourceProblem[]): TemplateResult {
  const near = (line: number) => problems.some((one) => Math.abs(one.line - line) <= CONTEXT);
  const lines = source
    .split("\n")
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ line }) => near(line));
  return html`<pre class="box source" tabindex="0" aria-label="Source">
${lines.map(
  ({ text, line }) =>
    html`<span class="dim">${String(line).padStart(4)}</span> ${text}\n${problems
      .filter((one) => one.line === line)
      .map(
        (one) =>
          html`<span class="err">${" ".repeat(4 + Math.max(1, one.column))}^ ${one.text}\n</span>`,
      )}`,
)}</pre>`;
}
