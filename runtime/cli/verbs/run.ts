import { resolve } from "node:path";
import type { WasiFolder } from "../../engines/wasm/run-program.ts";
import { readOperandFile } from "../send-blob.ts";
import { defineVerb, UsageError } from "../verb.ts";
import { writeAll } from "../write-all.ts";

export const verb = defineVerb({
  name: "run",
  usage: "FILE.wasm [OPTIONS] [-- ARGUMENT …]",
  summary:
    "Run a WASI program here, as a command: stdin, stdout, stderr and exit code are its own.",
  details: ["It sees copies of the given folders; what it writes there is kept with --write-back."],
  examples: ["moc run ls.wasm --dir . -- -l /", "moc run sort.wasm < names.txt"],
  operands: { min: 1, max: Number.POSITIVE_INFINITY },
  options: {
    dir: {
      kind: "list",
      value: "HOST[::GUEST]",
      doc: "folder that it sees; GUEST: under which name",
    },
    env: { kind: "list", value: "NAME=VALUE", doc: "environment variable" },
    writeBack: { kind: "flag", doc: "copy what it changed back into the folders" },
    memory: { kind: "value", value: "MIB", doc: "memory limit in MiB; default 128" },
  },
  async run({ operands: [file = "", ...args], options }) {
    const bytes = await readOperandFile(file);
    const { runWasiProgram } = await import("../../engines/wasm/run-program.ts");
    const input = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const code = await runWasiProgram({
      bytes,
      name: file,
      args,
      env: environment(options.env),
      folders: options.dir.map(folder),
      writeBack: options.writeBack,
      ...(options.memory !== undefined && { memoryMiB: mebibytes(options.memory) }),
      stdin: async () => {
        const next = await input.next();
        return next.done ? undefined : next.value;
      },
      stdout: (bytes) => writeAll(process.stdout, bytes),
      stderr: (bytes) => writeAll(process.stderr, bytes),
      terminal: {
        stdin: process.stdin.isTTY === true,
        stdout: process.stdout.isTTY === true,
        stderr: process.stderr.isTTY === true,
      },
    });
    // A program that did not read its input to the end leaves a terminal or pipe open.
    process.stdin.destroy();
    return code;
  },
});

function folder(text: string): WasiFolder {
  const [host = "", guest] = text.split("::");
  if (host === "") throw new UsageError(`--dir ${text}: write HOST::GUEST`);
  return { host: resolve(host), guest: guest ?? host };
}

function environment(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      if (at < 1) throw new UsageError(`--env ${entry}: write NAME=VALUE`);
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function mebibytes(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError("--memory must be a number of MiB");
  return value;
}
