import { WASIProcExit } from "@bjorn3/browser_wasi_shim";
import { MocError } from "../../protocol/errors.ts";
import { FUNCTION_LIMITS } from "../../protocol/limits.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { compileModule } from "./compile-module.ts";
import { GuestCall } from "./guest-call.ts";
import { translateFailure } from "./guest-failure.ts";
import { GuestInstance } from "./guest-instance.ts";
import { type HostFolder, readHostFolder, writeHostFolder } from "./host-folder.ts";
import type { HostFunction } from "./host-function.ts";
import { checkSignature } from "./linked-imports.ts";
import type { ModuleImport } from "./module-info.ts";
import { rewriteModule } from "./rewrite.ts";
import { exportedFunction, toResult } from "./start-plan.ts";
import { DirectoryDescriptor } from "./wasi/directory-descriptor.ts";
import { FileTree } from "./wasi/file-tree.ts";
import { WasiProcess } from "./wasi/process.ts";
import { ALL_RIGHTS, DIRECTORY_RIGHTS } from "./wasi/rights.ts";
import { SinkDescriptor, SourceDescriptor } from "./wasi/stream-descriptor.ts";
import { WASI_IMPORTS } from "./wasi/wasi-imports.ts";

/** `FILETYPE_CHARACTER_DEVICE` and `FILETYPE_UNKNOWN` (a pipe or file). */
const TERMINAL = 2;
const PIPE = 0;

/** A folder for the program. */
export interface WasiFolder {
  /** Folder of this machine whose content the program sees a copy of. */
  readonly host: string;
  /** Name under which the program finds it. */
  readonly guest: string;
}

/** A program and what it is given. */
export interface RunProgramOptions {
  readonly bytes: Uint8Array;
  /** For messages, and the program's `argv[0]`. */
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly folders?: readonly WasiFolder[];
  /** Copies what the program changed in the folders back when it ends, however it ends. */
  readonly writeBack?: boolean;
  /** Default: that of functions. It limits the files' bytes too. */
  readonly memoryMiB?: number;
  /** Next bytes (any number) of standard input; undefined at its end. */
  readonly stdin: () => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  readonly stdout: (bytes: Uint8Array) => void | Promise<void>;
  readonly stderr: (bytes: Uint8Array) => void | Promise<void>;
  /** Which of the streams are terminals: programs then show progress and colours. */
  readonly terminal?: { readonly [stream in "stdin" | "stdout" | "stderr"]?: boolean };
}

/**
 * Runs a WASI program as a process of its own: files are copies in memory, and there is neither
 * network nor guest API.
 *
 * @returns the exit code
 * @throws MocError MOC_GUEST_* or MOC_LIMIT_*: the program's failure; MOC_NOT_FOUND: a folder
 */
export async function runWasiProgram(options: RunProgramOptions): Promise<number> {
  const memoryMiB = options.memoryMiB ?? FUNCTION_LIMITS.memoryMiB.default;
  const folders = (options.folders ?? []).map((folder) => {
    const tree = new FileTree(Math.max(memoryMiB, FILES_MIB_MIN) * 2 ** 20);
    return { guest: folder.guest, copy: readHostFolder(folder.host, tree) };
  });
  const process = makeProcess(options, folders, memoryMiB);
  try {
    return await execute(options, memoryMiB, process);
  } finally {
    if (options.writeBack) for (const folder of folders) writeHostFolder(folder.copy);
  }
}

/** Folders of projects are larger than what programs compute in. */
const FILES_MIB_MIN = 1024;

interface OpenFolder {
  readonly guest: string;
  readonly copy: HostFolder;
}

function makeProcess(
  options: RunProgramOptions,
  folders: readonly OpenFolder[],
  memoryMiB: number,
): WasiProcess {
  const { terminal = {} } = options;
  const kind = (stream: "stdin" | "stdout" | "stderr") => (terminal[stream] ? TERMINAL : PIPE);
  const preopens = folders.map(({ guest, copy }) => ({
    name: guest,
    directory: new DirectoryDescriptor(copy.tree.root, DIRECTORY_RIGHTS, ALL_RIGHTS),
  }));
  return new WasiProcess({
    args: [options.name, ...(options.args ?? [])],
    environment: () => Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`),
    stdin: new SourceDescriptor({ read: () => options.stdin() }, kind("stdin")),
    stdout: new SinkDescriptor({ write: (bytes) => options.stdout(bytes) }, kind("stdout")),
    stderr: new SinkDescriptor({ write: (bytes) => options.stderr(bytes) }, kind("stderr")),
    fileBytesMax: memoryMiB * 2 ** 20,
    preopens,
  });
}

async function execute(options: RunProgramOptions, memoryMiB: number, process: WasiProcess) {
  const { name } = options;
  const pagesMax = Math.min(Math.floor(memoryMiB * 16), 65_536);
  const rewritten = rewriteModule(options.bytes, pagesMax);
  const { info, state, codeShift, memoryMax } = rewritten;
  const functions = info.imports.map((one) => wasiImport(name, one));
  const module = await compileModule(name, rewritten);
  const suspends = functions.some((one) => one.waits);
  const start = ["_start", "main"].find((one) => exportedFunction(info, one));
  if (start === undefined) {
    throw new MocError(
      "MOC_GUEST_NO_START",
      `${name} is no program: it exports no _start; build it as a WASI command, or push it as a function`,
    );
  }
  const imports = info.imports;
  const instance = new GuestInstance({
    module,
    imports,
    functions,
    state,
    memoryMax,
    suspends,
    budget: NO_BUDGET,
  });
  const call = new GuestCall(undefined, () => process);
  instance.call = call;
  try {
    if (state.start !== undefined) await instance.invoke(state.start, []);
    const args = exportedFunction(info, start)?.params.map(() => 0) ?? [];
    return toResult(await instance.invoke(start, args));
  } catch (error) {
    if (error instanceof WASIProcExit) return error.code;
    const program = { name, codeShift, memoryMiB };
    throw translateFailure(error, { program, instance, call, during: start });
  } finally {
    await process.close();
  }
}

/** @throws MOC_GUEST_LINK: a program of its own can import nothing but WASI */
function wasiImport(name: string, one: ModuleImport): HostFunction {
  const host = WASI_IMPORTS.get(one.module)?.get(one.field);
  const label = `${one.module}.${one.field}`;
  if (!host || !one.type) {
    throw new MocError(
      "MOC_GUEST_LINK",
      `${name} imports ${label}, which is not of WASI preview 1; push it as a function to use the guest API or other modules`,
    );
  }
  checkSignature(name, label, one.type, host.type);
  return host;
}
