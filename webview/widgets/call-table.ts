import { html, type TemplateResult } from "lit";
import type { CallReport } from "../../runtime/protocol/model.ts";
import { formatBytes, formatMs, formatTime } from "../format.ts";

/** Calls, one a row; the time opens the call. */
export function callTable(calls: readonly CallReport[]): TemplateResult {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">time</th>
          <th scope="col">function</th>
          <th scope="col">request</th>
          <th scope="col" class="num">status</th>
          <th scope="col" class="num">duration</th>
          <th scope="col" class="num">out</th>
          <th scope="col">error</th>
        </tr>
      </thead>
      <tbody>
        ${calls.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row(call: CallReport): TemplateResult {
  return html`<tr>
    <td class="mono"><a href="#calls/${call.id}">${formatTime(call.at)}</a></td>
    <td>${call.function}</td>
    <td class="mono ellipsis request">${call.target ?? call.trigger}</td>
    <td class="num ${call.error ? "err" : ""}">${statusText(call)}</td>
    <td class="num">${formatMs(call.durationMs)}</td>
    <td class="num dim">${formatBytes(call.bytesOut)}</td>
    <td class="err ellipsis">${call.error?.code ?? ""}</td>
  </tr>`;
}

export function statusText(call: CallReport): string {
  if (call.error) return "failed";
  if (call.trigger === "filter" && call.status === undefined && !call.result) return "passed";
  return String(call.status ?? call.result ?? "");
}
