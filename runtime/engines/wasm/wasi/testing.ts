/** Helpers of the WASI tests: one small module per function, built from text. */
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { runWasiProgram } from "../run-program.ts";
import { wat } from "../testing.ts";

/** Types of the WASI functions that tests import, by name. */
const IMPORTS: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  environ_get: "ii",
  environ_sizes_get: "ii",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_dir_name: "iii",
  fd_prestat_get: "ii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_raise: "i",
  random_get: "ii",
  sched_yield: "",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

/** Names of all functions that answer an errno. */
export const WASI_NAMES: readonly string[] = Object.keys(IMPORTS);

/** What the guest of a script starts with. */
interface ScriptOptions {
  readonly module?: "wasi_snapshot_preview1" | "wasi_unstable";
  /** Bytes put into memory before: address to text in the string syntax of the text format. */
  readonly memory?: Readonly<Record<number, string>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: () => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  readonly terminal?: { readonly stdout?: boolean };
}

/** A call: a function and its arguments. Strings stand for the i32 at an address: `"@100"`. */
export type Step = readonly [name: string, ...args: (number | bigint | string)[]];

/** Every right that preview 1 knows. */
export const ALL_KNOWN = 0x1fffffffn;

/** `path_open` of the name at address 100 in the root; the descriptor goes to `out`. */
export function openStep(length: number, flags: number = wasi.OFLAGS_CREAT, out = 200): Step {
  return ["path_open", 3, 0, 100, length, flags, ALL_KNOWN, ALL_KNOWN, 0, out];
}

/** What the guest of a script left. */
interface ScriptResult {
  /** errno of each step. */
  readonly errnos: readonly number[];
  /** The guest's memory at the end: 64 KiB. */
  readonly memory: DataView;
  readonly stdout: Uint8Array;
  text(at: number, length: number): string;
}

const ERRNOS_AT = 60_000;

/**
 * Runs WASI calls one after the other in one guest, which has an empty directory `/` (descriptor
 * 3), and shows its memory afterwards: the guest writes all of it to stderr.
 */
export async function runScript(
  steps: readonly Step[],
  options: ScriptOptions = {},
): Promise<ScriptResult> {
  const bytes = await wat(script(steps, options));
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const empty = mkdtempSync(join(tmpdir(), "moc-wasi-"));
  await runWasiProgram({
    bytes,
    name: "script",
    folders: [{ host: empty, guest: "/" }],
    args: options.args ?? [],
    env: options.env ?? {},
    stdin: options.stdin ?? (() => undefined),
    stdout: (part) => void stdout.push(part),
    stderr: (part) => void stderr.push(part),
    terminal: options.terminal ?? {},
  }).finally(() => rmdirSync(empty));
  const dump = new Uint8Array(Buffer.concat(stderr));
  const memory = new DataView(dump.buffer, dump.byteOffset, dump.length);
  return {
    errnos: steps.map((_, index) => memory.getUint16(ERRNOS_AT + index * 2, true)),
    memory,
    stdout: Buffer.concat(stdout),
    text: (at, length) => new TextDecoder().decode(dump.subarray(at, at + length)),
  };
}

function script(steps: readonly Step[], options: ScriptOptions): string {
  const module = options.module ?? "wasi_snapshot_preview1";
  const used = new Set(["fd_write", ...steps.map(([name]) => name)]);
  const imports = [...used].map((name) => importText(module, name));
  const data = Object.entries(options.memory ?? {}).map(
    ([at, text]) => `(data (i32.const ${at}) "${text}")`,
  );
  const calls = steps.map(
    ([name, ...args], index) =>
      `(i32.store16 (i32.const ${ERRNOS_AT + index * 2}) (call $${name} ${argumentTexts(name, args)}))`,
  );
  return `(module ${imports.join("\n")} (memory (export "memory") 2) ${data.join("\n")}
    (func (export "_start") ${calls.join("\n")}
      (i32.store (i32.const 65544) (i32.const 65536))
      (drop (call $fd_write (i32.const 2) (i32.const 65540) (i32.const 1) (i32.const 65560)))))`;
}

function importText(module: string, name: string): string {
  const letters = IMPORTS[name] ?? "";
  const params = [...letters].map((letter) => (letter === "I" ? "i64" : "i32")).join(" ");
  return `(import "${module}" "${name}" (func $${name} (param ${params}) (result i32)))`;
}

function argumentTexts(name: string, args: readonly (number | bigint | string)[]): string {
  return args
    .map((value, index) => {
      if (typeof value === "string") return `(i32.load (i32.const ${value.slice(1)}))`;
      return `(${IMPORTS[name]?.[index] === "I" ? "i64" : "i32"}.const ${value})`;
    })
    .join(" ");
}

/** Little endian 32 bit numbers as text for {@link ScriptOptions.memory}. */
export function words(...values: number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}
