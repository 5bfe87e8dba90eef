import { html, type TemplateResult } from "lit";
import type { FunctionSummary } from "../../runtime/protocol/rest.ts";
import { formatBytes, formatCount, formatLanguage, splitLatency } from "../format.ts";

interface FunctionTableOptions {
  /** Also size and plugs, where there is room. */
  readonly wide?: boolean;
}

/** Functions with their figures; the name opens one. */
export function functionTable(
  functions: readonly FunctionSummary[],
  options: FunctionTableOptions = {},
): TemplateResult {
  const { wide } = options;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">name</th>
          <th scope="col">language</th>
          <th scope="col">version</th>
          ${wide ? html`<th scope="col">answers</th><th scope="col" class="num">size</th>` : ""}
          <th scope="col" class="num">calls</th>
          <th scope="col" class="num">p50</th>
          <th scope="col" class="num">p99</th>
          <th scope="col" class="num">errors</th>
          <th scope="col" class="num">memory</th>
        </tr>
      </thead>
      <tbody>
        ${functions.map((one) => row(one, wide ?? false))}
      </tbody>
    </table>
  </div>`;
}

function row(one: FunctionSummary, wide: boolean): TemplateResult {
  return html`<tr>
    <td class="ellipsis name" title=${one.name}>
      <a href="#functions/${encodeURIComponent(one.name)}">${one.name}</a>
    </td>
    <td><span class="tag">${languageOf(one)}</span></td>
    <td class="dim">v${one.revision}</td>
    ${
      wide
        ? html`<td class="mono dim ellipsis answers">${answers(one)}</td>
            <td class="num dim">${formatBytes(one.length)}</td>`
        : ""
    }
    <td class="num">${formatCount(one.calls)}</td>
    <td class="num">${duration(one.p50Ms)}</td>
    <td class="num">${duration(one.p99Ms)}</td>
    <td class="num ${one.errors > 0 ? "err" : ""}">${formatCount(one.errors)}</td>
    <td class="num dim">${one.memoryBytes > 0 ? formatBytes(one.memoryBytes) : "–"}</td>
  </tr>`;
}

function duration(ms: number): TemplateResult {
  const [value, unit] = splitLatency(ms);
  return html`${value} <span class="dim">${unit}</span>`;
}

/** `GET /hello +2` */
function answers(one: FunctionSummary): string {
  const lines = [
    ...one.plugs.map((plug) => `${plug.method.toUpperCase()} ${plug.path}`),
    ...one.filters.map(() => "filter"),
  ];
  const [first = "by name"] = lines;
  return lines.length > 1 ? `${first} +${lines.length - 1}` : first;
}

export function languageOf(one: FunctionSummary): string {
  return formatLanguage(one.settings.language ?? one.contentType);
}
