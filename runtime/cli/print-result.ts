import type { SampleResult } from "../../devkit/sample-run.ts";
import type { Terminal } from "./terminal.ts";

/** An answer as people read it: status line, headers, body, then log and times. */
export function printResult(result: SampleResult, terminal: Terminal): void {
  const { status, headers, body, target, durationMs, report, logs = [] } = result;
  const style = status < 300 ? "green" : status < 400 ? "yellow" : "red";
  terminal.note(`${target}  ${terminal.errorStyle("dim", `${durationMs.toFixed(1)} ms`)}`);
  terminal.line(terminal.style(style, String(status)) + resultWord(result));
  for (const [name, value] of headers) terminal.line(`${terminal.style("dim", name)}: ${value}`);
  terminal.line();
  terminal.bytes(body);
  if (body.length > 0 && body.at(-1) !== 0x0a) terminal.line();
  for (const { level, text } of logs) terminal.note(terminal.errorStyle("dim", `${level} ${text}`));
  if (report?.error) {
    terminal.note(terminal.errorStyle("red", report.error.stack ?? report.error.message));
  }
}

/** An answer as scripts want it; a body that is not text comes in base64. */
export function resultJson(name: string, result: SampleResult): object {
  const { body, headers, failures, ...facts } = result;
  const text = new TextDecoder("utf-8", { fatal: true });
  const own = (() => {
    try {
      return { body: text.decode(body) };
    } catch {
      return { body_base64: Buffer.from(body).toString("base64") };
    }
  })();
  return { sample: name, ...facts, headers: Object.fromEntries(headers), ...own, failures };
}

function resultWord({ result }: SampleResult): string {
  return result === undefined ? "" : ` result ${result}`;
}
