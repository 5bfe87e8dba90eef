import type { LogLevel } from "../../protocol/model.ts";
import type { Sink } from "./wasi/stream-descriptor.ts";

const LINE_MAX = 8192;

/** Bytes that become lines of a log. Control characters stay: whoever shows them escapes them. */
export class LogLines implements Sink {
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #level: LogLevel;
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #line = "";

  constructor(level: LogLevel, log: (level: LogLevel, text: string) => void) {
    this.#level = level;
    this.#log = log;
  }

  write(bytes: Uint8Array): void {
    this.#decoder ??= new TextDecoder();
    const lines = (this.#line + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#log(this.#level, line.replace(/\r$/, ""));
    // A program that never ends its line must not make us hold all of it.
    if (this.#line.length > LINE_MAX) this.#end();
  }

  close(): void {
    this.#line += this.#decoder?.decode() ?? "";
    if (this.#line !== "") this.#end();
  }

  #end(): void {
    this.#log(this.#level, this.#line);
    this.#line = "";
  }
}
