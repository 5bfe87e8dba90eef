import { html, type TemplateResult } from "lit";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { formatBytes, formatCount, formatMs } from "../format.ts";

/** Functions with their figures; the name opens one. */
export function functionTable(
  functions: readonly FunctionSummary[],
  open: (name: string) => void,
): TemplateResult {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">name</th>
          <th scope="col">language</th>
          <th scope="col">version</th>
          <th scope="col" class="num">calls</th>
          <th scope="col" class="num">p50</th>
          <th scope="col" class="num">p99</th>
          <th scope="col" class="num">errors</th>
          <th scope="col" class="num">memory</th>
        </tr>
      </thead>
      <tbody>
        ${functions.map((one) => row(one, open))}
      </tbody>
    </table>
  </div>`;
}

function row(one: FunctionSummary, open: (name: string) => void): TemplateResult {
  return html`<tr>
    <td>
      <a
        href="#functions/${encodeURIComponent(one.name)}"
        @click=${(event: Event) => {
          event.preventDefault();
          open(one.name);
        }}
        >${one.name}</a
      >
    </td>
    <td><span class="tag">${languageOf(one)}</span></td>
    <td class="dim">v${one.revision}</td>
    <td class="num">${formatCount(one.calls)}</td>
    <td class="num">${one.calls > 0 ? formatMs(one.p50Ms) : "–"}</td>
    <td class="num">${one.calls > 0 ? formatMs(one.p99Ms) : "–"}</td>
    <td class="num ${one.errors > 0 ? "err" : ""}">${formatCount(one.errors)}</td>
    <td class="num dim">${one.memoryBytes > 0 ? formatBytes(one.memoryBytes) : "–"}</td>
  </tr>`;
}

const LANGUAGES: Readonly<Record<string, string>> = {
  "application/wasm": "WebAssembly",
  "text/javascript": "JavaScript",
  "application/javascript": "JavaScript",
  "text/wgsl": "WGSL",
  "text/x-glsl-compute": "GLSL",
  "text/glsl": "GLSL",
};

export function languageOf(one: FunctionSummary): string {
  return one.settings.language ?? LANGUAGES[one.contentType] ?? one.contentType;
}
