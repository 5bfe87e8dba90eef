import { decodedMappings, TraceMap } from "@jridgewell/trace-mapping";

/** Parts of the inspector protocol that matter here. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
}

interface Params {
  readonly scriptId?: string;
  readonly scriptLanguage?: string;
  readonly codeOffset?: number;
  readonly debugSymbols?: unknown;
  readonly sourceMapURL?: string;
  readonly callFrames?: readonly Frame[];
  readonly expression?: string;
  readonly skipList?: unknown;
}

interface Frame {
  readonly functionName?: string;
  readonly location: Place;
  readonly scopeChain?: readonly Scope[];
}

interface Scope {
  readonly type: string;
}

interface Place {
  readonly scriptId: string;
  readonly columnNumber?: number;
}

/** Where code begins that comes from one place of a source; without source and line: from none. */
interface Segment {
  readonly column: number;
  readonly source: number | undefined;
  readonly line: number | undefined;
}

/**
 * What passes between one debugger and an executor, changed so that a debugger of JavaScript
 * follows the source maps of WebAssembly.
 *
 * V8 counts positions in WebAssembly as columns of line 0, which is what such maps are written for;
 * but VS Code's debugger follows maps only of scripts that it does not take for WebAssembly, so they
 * are shown without their language. And where V8 steps from instruction to instruction, the rest of
 * the line is to be stepped over.
 */
export class DebugMessages {
  readonly #segments = new Map<string, readonly Segment[]>();
  #standing: Place | undefined;

  toDebugger(text: string): string {
    if (text.includes('"Debugger.paused"')) return this.#paused(text);
    if (!text.includes('"Debugger.scriptParsed"') || !text.includes('"WebAssembly"')) return text;
    const message = JSON.parse(text) as Message;
    if (message.method !== "Debugger.scriptParsed" || !message.params) return text;
    const { scriptLanguage, codeOffset, debugSymbols, ...script } = message.params;
    const { scriptId = "", sourceMapURL = "" } = script;
    const segments = segmentsOf(sourceMapURL);
    if (!segments) return text;
    this.#segments.set(scriptId, segments);
    return JSON.stringify({ ...message, params: script });
  }

  toExecutor(text: string): string {
    if (!text.includes('"Debugger.step')) return text;
    const message = JSON.parse(text) as Message;
    const { method } = message;
    if (method !== "Debugger.stepOver" && method !== "Debugger.stepInto") return text;
    const skipList = this.#restOfLine();
    if (!skipList) return text;
    return JSON.stringify({ ...message, params: { ...message.params, skipList } });
  }

  /** Remembers where the guest stands, and calls its functions what its author does. */
  #paused(text: string): string {
    const message = JSON.parse(text) as Message;
    const { callFrames } = message.params ?? {};
    if (message.method !== "Debugger.paused" || !callFrames) return text;
    this.#standing = callFrames[0]?.location;
    const named = callFrames.map((frame) => {
      if (!this.#segments.has(frame.location.scriptId)) return frame;
      const functionName = frame.functionName?.replace(/^\$/, "");
      // What V8 takes for its object would be put before the name; locals come first.
      const scopeChain = frame.scopeChain?.toSorted((a, b) => isStack(a) - isStack(b));
      return { ...frame, functionName, scopeChain, this: { type: "undefined" } };
    });
    return JSON.stringify({ ...message, params: { ...message.params, callFrames: named } });
  }

  /** All code of the line at which the guest stands. */
  #restOfLine(): readonly object[] | undefined {
    const { scriptId = "", columnNumber = 0 } = this.#standing ?? {};
    const segments = this.#segments.get(scriptId);
    const here = segments?.findLast(({ column }) => column <= columnNumber);
    if (!segments || here?.line === undefined) return undefined;
    const ranges: object[] = [];
    for (const [index, { column, source, line }] of segments.entries()) {
      const end = segments[index + 1]?.column;
      if (source !== here.source || line !== here.line || end === undefined) continue;
      const at = (columnNumber: number) => ({ lineNumber: 0, columnNumber });
      ranges.push({ scriptId, start: at(column), end: at(end) });
    }
    return ranges;
  }
}

/** Whether a scope is what instructions left for each other, rather than variables. */
function isStack({ type }: Scope): number {
  return type === "wasm-expression-stack" ? 1 : 0;
}

/**
 * The answer to a debugger that asks for the process: with its id it would kill the runtime when its
 * user presses Stop.
 * @returns undefined: it is something else, for the executor to answer
 */
export function answerForProcess(text: string): string | undefined {
  if (!text.includes("process.pid")) return undefined;
  const { id, method, params } = JSON.parse(text) as Message;
  if (
    method !== "Runtime.evaluate" ||
    !/processId:\s*process\.pid/.test(params?.expression ?? "")
  ) {
    return undefined;
  }
  return JSON.stringify({ id, result: { result: { type: "undefined" } } });
}

/** undefined: there is no map within the address, or it cannot be read. */
function segmentsOf(url: string): readonly Segment[] | undefined {
  if (!/^data:application\/json[^,]*;base64,/.test(url)) return undefined;
  const json = Buffer.from(url.slice(url.indexOf(",") + 1), "base64").toString();
  let map: TraceMap;
  try {
    map = new TraceMap(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return (decodedMappings(map)[0] ?? []).map(([column, source, line]) => ({
    column,
    source,
    line,
  }));
}
