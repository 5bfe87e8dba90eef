import type { LogLevel, LogLine } from "../protocol/model.ts";
import type { Terminal } from "./terminal.ts";

const STYLES: { readonly [level in LogLevel]: "dim" | "cyan" | "yellow" | "red" } = {
  debug: "dim",
  info: "cyan",
  warn: "yellow",
  error: "red",
};

/** One line of the log: time, level, function, text. */
export function printLog({ at, level, text, function: name }: LogLine, terminal: Terminal): void {
  const time = terminal.style("dim", new Date(at).toISOString().slice(11, 23));
  const label = terminal.style(STYLES[level], level.padEnd(5));
  terminal.line(`${time} ${label} ${name === "" ? "runtime" : name}: ${text}`);
}
