import { html, nothing, type TemplateResult } from "lit";
import type { LogLevel, LogLine } from "../../runtime/protocol/model.ts";
import { formatTime } from "../format.ts";

const TONES: Readonly<Record<LogLevel, string>> = {
  debug: "dim",
  info: "",
  warn: "warn",
  error: "err",
};

/** Who wrote what no function wrote. */
export const RUNTIME = "runtime";

/** One line of a log; its text is a guest's and is shown as nothing but text. */
export function logLine(line: LogLine, withFunction: boolean): TemplateResult {
  return html`<div class="log-line mono">
    <time class="dim">${formatTime(line.at)}</time>
    ${withFunction ? html`<span class="from dim">${line.function || RUNTIME}</span>` : nothing}
    <span class="text ${TONES[line.level]}">${line.text}</span>
  </div>`;
}
