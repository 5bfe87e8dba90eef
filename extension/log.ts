import { type LogOutputChannel, type OutputChannel, window } from "vscode";
import type { LogLine } from "../runtime/protocol/model.ts";

/** The two channels: the extension's own log, and what functions and the runtime write. */
export class Logs {
  readonly extension: LogOutputChannel = window.createOutputChannel("My Own Cluster", {
    log: true,
  });
  readonly functions: LogOutputChannel = window.createOutputChannel("My Own Cluster: Functions", {
    log: true,
  });
  /** Last lines of the functions' channel that belong to one function, for "Show Function Log". */
  readonly #recent: LogLine[] = [];

  /** Appends a line of a function or of the runtime. */
  line(line: LogLine): void {
    this.#recent.push(line);
    if (this.#recent.length > 2000) this.#recent.splice(0, 500);
    const call = line.call === undefined ? "" : ` #${line.call}`;
    const text = `[${line.function || "runtime"}${call}] ${line.text}`;
    if (line.level === "error") this.functions.error(text);
    else if (line.level === "warn") this.functions.warn(text);
    else if (line.level === "info") this.functions.info(text);
    else this.functions.debug(text);
  }

  /** What the runtime process itself prints. */
  output(text: string): void {
    this.functions.info(`[runtime] ${text}`);
  }

  recent(functionName: string): readonly LogLine[] {
    return this.#recent.filter((line) => line.function === functionName);
  }

  show(channel: "extension" | "functions"): void {
    (this[channel] as OutputChannel).show(true);
  }

  dispose(): void {
    this.extension.dispose();
    this.functions.dispose();
  }
}
