/** Worker thread that keeps @yowasp/clang loaded: the first compile takes a second or two, later ones 0.2 s. */
import { parentPort } from "node:worker_threads";
import { CappedText, type CompileAnswer, type CompileJob } from "./worker-call.ts";

type Tree = { [name: string]: Tree | Uint8Array | string };

interface YowaspClang {
  readonly commands: {
    readonly clang: (
      args: readonly string[],
      files: Tree,
      options: {
        readonly stdout: (bytes: Uint8Array | null) => void;
        readonly stderr: (bytes: Uint8Array | null) => void;
        readonly fetchProgress: () => void;
      },
    ) => Promise<Tree>;
  };
  readonly Exit: new () => Error;
}

const TEXT_MAX = 1024 * 1024;

parentPort?.on("message", (job: CompileJob) => {
  void compile(job).then((answer) => parentPort?.postMessage(answer));
});

async function compile(job: CompileJob): Promise<CompileAnswer> {
  const text = new CappedText(TEXT_MAX);
  const decoder = new TextDecoder();
  const print = (bytes: Uint8Array | null): void => {
    if (bytes) text.add(decoder.decode(bytes, { stream: true }));
  };
  const { commands, Exit } = (await import(job.toolUrl)) as YowaspClang;
  try {
    const options = { stdout: print, stderr: print, fetchProgress: () => undefined };
    const tree = await commands.clang(job.args, treeOf(job.files), options);
    const artifact = tree[job.output];
    if (!(artifact instanceof Uint8Array)) return { id: job.id, text: text.toString() };
    return { id: job.id, artifact, text: text.toString() };
  } catch (error) {
    if (error instanceof Exit) return { id: job.id, text: text.toString() };
    return { id: job.id, text: text.toString(), crash: String(error) };
  }
}

function treeOf(files: CompileJob["files"]): Tree {
  const root: Tree = {};
  for (const [path, bytes] of Object.entries(files)) {
    const parts = path.split("/");
    const name = parts.pop() ?? path;
    let folder = root;
    for (const part of parts) {
      const inner = folder[part];
      const next = typeof inner === "object" && !(inner instanceof Uint8Array) ? inner : {};
      folder[part] = next;
      folder = next;
    }
    folder[name] = bytes;
  }
  return root;
}
