import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { LogLevel, LogLine } from "../protocol/model.ts";
import type { Events } from "./events.ts";

/** From the least to the most urgent. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const satisfies LogLevel[];

interface LogQuery {
  /** Absent: all functions and the runtime itself. */
  readonly function?: string | undefined;
  /** This level and above. */
  readonly level?: LogLevel | undefined;
  /** Only lines with a larger seq: the oldest of them first. Absent: the newest lines. */
  readonly after?: number | undefined;
  readonly call?: number | undefined;
  readonly limit: number;
}

/** Characters of all kept lines together. */
const KEPT_CHARACTERS = 32 * 1024 * 1024;

/** The newest log lines of the runtime and of all functions, in memory. */
export class Logs {
  readonly #events: Events;
  /** Oldest first; what lies before `#start` is gone. */
  #lines: LogLine[] = [];
  #start = 0;
  #characters = 0;
  #seq = 0;

  constructor(events: Events) {
    this.#events = events;
  }

  /**
   * Keeps a line. Control codes are made visible, so that a guest cannot steer a terminal; a line
   * that is too long is cut.
   * @param functionName who wrote it; empty for the runtime itself
   */
  add(level: LogLevel, text: string, functionName = "", call?: number): LogLine {
    const line: LogLine = {
      seq: ++this.#seq,
      at: Date.now(),
      level,
      text: cut(visible(text)),
      function: functionName,
      ...(call !== undefined && { call }),
    };
    this.#lines.push(line);
    this.#characters += line.text.length;
    this.#forget();
    if (this.#events.wants("log")) this.#events.emit({ kind: "log", line });
    return line;
  }

  /** Oldest first. */
  list(query: LogQuery): LogLine[] {
    const lowest = LOG_LEVELS.indexOf(query.level ?? "debug");
    const wanted = (line: LogLine) =>
      (query.function === undefined || line.function === query.function) &&
      (query.call === undefined || line.call === query.call) &&
      LOG_LEVELS.indexOf(line.level) >= lowest;
    const found: LogLine[] = [];
    const { after } = query;
    if (after !== undefined) {
      for (let i = this.#indexAfter(after); i < this.#lines.length; i++) {
        const line = this.#lines[i];
        if (line && wanted(line) && found.push(line) === query.limit) break;
      }
      return found;
    }
    for (let i = this.#lines.length - 1; i >= this.#start; i--) {
      const line = this.#lines[i];
      if (line && wanted(line) && found.push(line) === query.limit) break;
    }
    return found.reverse();
  }

  #indexAfter(seq: number): number {
    const first = this.#lines[this.#start];
    if (!first) return this.#lines.length;
    return this.#start + Math.max(0, seq + 1 - first.seq);
  }

  #forget(): void {
    const max = PLATFORM_LIMITS.logLines.value;
    while (this.#lines.length - this.#start > max || this.#characters > KEPT_CHARACTERS) {
      this.#characters -= this.#lines[this.#start]?.text.length ?? 0;
      this.#start++;
    }
    // Moving the rest down once in a while costs less than shifting at each line.
    if (this.#start > max) {
      this.#lines = this.#lines.slice(this.#start);
      this.#start = 0;
    }
  }
}

/** Whether a text of a request is a level. */
export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/** Everything but tab and newline that steers a terminal or turns the writing direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

function visible(text: string): string {
  return text.replace(CONTROL, (one) => {
    const code = one.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

function cut(text: string): string {
  const max = PLATFORM_LIMITS.logLineBytes.value;
  if (text.length * 3 <= max) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  // A character that is cut in two is left out.
  const kept = new TextDecoder().decode(bytes.subarray(0, max)).replace(/\ufffd+$/, "");
  return `${kept}… (${bytes.length - max} bytes more)`;
}
