import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CallReport } from "../../runtime/protocol/model.ts";
import { isPassedFilter } from "../filter-call.ts";
import { formatBytes, formatMs, formatTime } from "../format.ts";

/** Calls, one a row; the time opens the call. A new call moves the rows of the others, unchanged. */
export function callTable(calls: readonly CallReport[]): TemplateResult {
  return html`<div class="scroll">
    <table class="calls">
      <thead>
        <tr>
          <th scope="col" class="time">time</th>
          <th scope="col" class="who">function</th>
          <th scope="col">request</th>
          <th scope="col" class="num outcome">status</th>
          <th scope="col" class="num figure">duration</th>
          <th scope="col" class="num figure">out</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(calls, (call) => call.id, row)}
      </tbody>
    </table>
  </div>`;
}

function row(call: CallReport): TemplateResult {
  return html`<tr>
    <td class="mono"><a href="#calls/${call.id}">${formatTime(call.at)}</a></td>
    <td class="ellipsis name" title=${call.function}>
      ${call.trigger === "filter" ? html`<span class="tag">filter</span> ` : nothing}${call.function}
    </td>
    <td class="mono ellipsis request" title=${call.target ?? call.trigger}>${call.target ?? call.trigger}</td>
    <td class="num ellipsis ${call.error ? "err" : ""}" title=${call.error?.message ?? nothing}>
      ${call.error?.code ?? statusText(call)}
    </td>
    <td class="num">${formatMs(call.durationMs)}</td>
    <td class="num dim">${formatBytes(call.bytesOut)}</td>
  </tr>`;
}

export function statusText(call: CallReport): string {
  if (call.error) return "failed";
  if (isPassedFilter(call)) return "passed";
  return String(call.status ?? call.result ?? "");
}
