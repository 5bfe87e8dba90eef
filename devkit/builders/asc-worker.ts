/** Worker thread that keeps the AssemblyScript compiler loaded. */
import { parentPort } from "node:worker_threads";
import { CappedText, type CompileAnswer, type CompileJob, type OffsetNote } from "./worker-call.ts";

interface Writer {
  write(text: string | Uint8Array): void;
}

/** As asc reports it; offsets are UTF-16 units. */
interface AscDiagnostic {
  readonly category: number;
  readonly code: number;
  readonly message: string;
  readonly range: {
    readonly start: number;
    readonly end: number;
    readonly source: { readonly normalizedPath: string } | null;
  } | null;
}

interface Asc {
  readonly main: (
    args: readonly string[],
    options: {
      readonly stdout: Writer;
      readonly stderr: Writer;
      readonly reportDiagnostic: (diagnostic: AscDiagnostic) => void;
      readonly writeFile: (name: string, content: string | Uint8Array) => void;
    },
  ) => Promise<{ readonly error: Error | null }>;
}

const TEXT_MAX = 1024 * 1024;
const NOTES_MAX = 1000;
/** asc's categories: pedantic, info, warning, error. */
const SEVERITIES = ["info", "info", "warning", "error"] as const;

parentPort?.on("message", (job: CompileJob) => {
  void compile(job).then((answer) => parentPort?.postMessage(answer));
});

async function compile(job: CompileJob): Promise<CompileAnswer> {
  const text = new CappedText(TEXT_MAX);
  const writer: Writer = {
    write: (part) => text.add(typeof part === "string" ? part : new TextDecoder().decode(part)),
  };
  const notes: OffsetNote[] = [];
  let artifact: Uint8Array | undefined;
  let sourceMap: string | undefined;
  const asc = (await import(job.toolUrl)) as Asc;
  try {
    const { error } = await asc.main(job.args, {
      stdout: writer,
      stderr: writer,
      reportDiagnostic: (one) => {
        if (notes.length < NOTES_MAX) notes.push(noteOf(one));
      },
      // Sources are read from the disk, but nothing is written there.
      writeFile: (name, content) => {
        if (name === job.output && content instanceof Uint8Array) artifact = content;
        if (name === `${job.output}.map` && typeof content === "string") sourceMap = content;
      },
    });
    const { id } = job;
    if (error || !artifact) return { id, text: `${text}${error?.message ?? ""}`, notes };
    return { id, artifact, ...(sourceMap && { sourceMap }), text: text.toString(), notes };
  } catch (error) {
    return { id: job.id, text: text.toString(), crash: String(error) };
  }
}

function noteOf({ category, code, message, range }: AscDiagnostic): OffsetNote {
  return {
    file: range?.source?.normalizedPath ?? "",
    start: range?.start ?? 0,
    end: range?.end ?? 0,
    severity: SEVERITIES[category] ?? "error",
    message,
    code: codeOf(code),
  };
}

/** asc prints its own codes with AS and those it has from TypeScript with TS. */
function codeOf(code: number): string {
  return `${code < 1000 ? "AS" : "TS"}${code}`;
}
