import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { ERRORS, type ErrorCode, MocError, type SourcePosition } from "../../protocol/errors.ts";
import type { GuestFailure } from "./host-value.ts";
import { PRELUDE_FILE } from "./prelude.ts";

const FRAME = /^\s*at (?:(.*?) \()?(.+?):(\d+)(?::(\d+))?\)?$/;
const INLINE_MAP =
  /\/\/[#@] sourceMappingURL=data:application\/json[^,]*?(;base64)?,([A-Za-z0-9+/=%._-]+)\s*$/;

interface Frame {
  readonly callee: string;
  readonly position: SourcePosition;
}

/** Translates a guest's errors to its user's source: by an inline source map, where there is one. */
export class SourcePositions {
  readonly #file: string;
  readonly #text: string;
  #map: TraceMap | undefined;
  #mapRead = false;

  /** `file` is the name under which `text` was evaluated. */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  /** The error of a call, with the place where it was thrown. */
  explain(failure: GuestFailure): MocError {
    const frames = this.#frames(failure.stack);
    const said = failure.name === "" ? failure.message : `${failure.name}: ${failure.message}`;
    const place = {
      position: frames[0]?.position,
      guestStack: [said, ...frames.map(showFrame)].join("\n"),
    };
    if (failure.name === "InternalError" && failure.message === "stack overflow") {
      const message = "the guest recursed deeper than its stack allows; see limits.stackKiB";
      return new MocError("MOC_LIMIT_STACK", message, place);
    }
    if (failure.code !== undefined && isReportable(failure.code)) {
      return new MocError(failure.code, failure.message, place);
    }
    if (failure.name === "") return new MocError("MOC_GUEST_ERROR", `thrown: ${said}`, place);
    return new MocError("MOC_GUEST_ERROR", said, place);
  }

  /** The error of a script that cannot be loaded. */
  explainLoading(failure: GuestFailure): MocError {
    const error = this.explain(failure);
    if (error.code === "MOC_LIMIT_STACK") return error;
    const { position, guestStack } = error;
    if (/could not load module/.test(failure.message)) {
      const advice = "bundle the function into one file, such as with esbuild --bundle";
      const message = `${failure.message}: imports are not resolved at run time; ${advice}`;
      return new MocError("MOC_GUEST_LINK", message, { position, guestStack });
    }
    const where = position ? ` (${showPosition(position)})` : "";
    return new MocError("MOC_GUEST_INVALID", `${error.message}${where}`, { position, guestStack });
  }

  /** Frames in the user's code; those of the prelude are not the user's business. */
  #frames(stack: string): Frame[] {
    const frames: Frame[] = [];
    for (const line of stack.split("\n")) {
      const [, callee = "", file = "", row = "", column] = FRAME.exec(line) ?? [];
      if (file === "" || file === PRELUDE_FILE) continue;
      const position = {
        file,
        line: Number(row),
        ...(column !== undefined && { column: Number(column) }),
      };
      frames.push({ callee, position: file === this.#file ? this.#original(position) : position });
    }
    return frames;
  }

  #original(position: SourcePosition): SourcePosition {
    const map = this.#sourceMap();
    if (!map) return position;
    const column = (position.column ?? 1) - 1;
    const found = originalPositionFor(map, { line: position.line, column });
    if (found.source === null) return position;
    return { file: found.source, line: found.line, column: found.column + 1 };
  }

  #sourceMap(): TraceMap | undefined {
    if (!this.#mapRead) {
      this.#mapRead = true;
      const [, base64, data] = INLINE_MAP.exec(this.#text) ?? [];
      if (data !== undefined) this.#map = readMap(data, base64 !== undefined);
    }
    return this.#map;
  }
}

/** A damaged map costs the original positions, nothing else. */
function readMap(data: string, base64: boolean): TraceMap | undefined {
  try {
    const json = base64 ? Buffer.from(data, "base64").toString() : decodeURIComponent(data);
    return new TraceMap(json);
  } catch {
    return undefined;
  }
}

function isReportable(code: string): code is ErrorCode {
  return code in ERRORS && ERRORS[code as ErrorCode].fault !== "system";
}

function showFrame({ callee, position }: Frame): string {
  const where = showPosition(position);
  return callee === "" || callee.startsWith("<")
    ? `    at ${where}`
    : `    at ${callee} (${where})`;
}

function showPosition({ file, line, column }: SourcePosition): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}
