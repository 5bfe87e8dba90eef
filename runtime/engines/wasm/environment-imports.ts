/** The module `env`: what TinyGo before WASI, and AssemblyScript, expect of their host. */
import { MocError } from "../../protocol/errors.ts";
import type { GuestMemory } from "./guest-memory.ts";
import {
  type CallerState,
  type HostFunction,
  servedCall,
  type WasmValue,
} from "./host-function.ts";
import type { FunctionType } from "./module-info.ts";
import { isStackOverflow } from "./stack-overflow.ts";

type Run = (caller: CallerState, ...args: WasmValue[]) => unknown;

const utf16 = new TextDecoder("utf-16le");
const STDOUT = 1;

const FUNCTIONS: Readonly<Record<string, { readonly run: Run; readonly waits?: true }>> = {
  io_get_stdout: { run: () => STDOUT },
  resource_write: { run: resourceWrite, waits: true },
  // TinyGo counted ticks in milliseconds first, in nanoseconds later: the type tells which.
  "runtime.ticks": { run: () => performance.now() },
  "runtime.sleepTicks": { run: sleepTicks, waits: true },
  abort: { run: assemblyScriptAbort },
  seed: { run: () => Math.random() * Number.MAX_SAFE_INTEGER },
  trace: { run: assemblyScriptTrace },
};

/** TinyGo's bridge to a browser's objects: there are none here. */
const BROWSER_ONLY = /^syscall\/js\./;

/** The host's function for an import from `env`; undefined: there is none of that name. */
export function environmentImport(field: string, type: FunctionType): HostFunction | undefined {
  if (BROWSER_ONLY.test(field)) return unavailable(field, type);
  const known = Object.hasOwn(FUNCTIONS, field) ? FUNCTIONS[field] : undefined;
  if (!known) return undefined;
  const bigResult = type.results[0] === "i64";
  return {
    // These differ between compiler versions: what the module declares is what it gets.
    type,
    waits: known.waits === true,
    bind:
      (caller) =>
      (...args) => {
        const result = known.run(caller, ...args);
        return bigResult && typeof result === "number" ? BigInt(Math.round(result * 1e6)) : result;
      },
  };
}

function unavailable(field: string, type: FunctionType): HostFunction {
  return {
    type,
    waits: false,
    bind: (caller) => () =>
      servedCall(caller).end(
        new MocError(
          "MOC_GUEST_ERROR",
          `env.${field} was called, which is there in browsers only; build with -target=wasip1 and without syscall/js`,
        ),
      ),
  };
}

function resourceWrite(
  caller: CallerState,
  fd: WasmValue,
  pointer: WasmValue,
  length: WasmValue,
): number | Promise<number> {
  const { process } = servedCall(caller);
  const bytes = caller.memory.slice(Number(pointer), Number(length)).slice();
  const written = process.descriptors.get(Number(fd)).write(bytes);
  return written ? process.wait(written).then(() => bytes.length) : bytes.length;
}

function sleepTicks(caller: CallerState, ticks: WasmValue): Promise<void> {
  const call = servedCall(caller);
  const milliseconds = typeof ticks === "bigint" ? Number(ticks) / 1e6 : ticks;
  return call.wait(call.process.sleep(milliseconds));
}

function assemblyScriptAbort(
  caller: CallerState,
  message: WasmValue,
  file: WasmValue,
  line: WasmValue,
  column: WasmValue,
): never {
  const where = readManagedString(caller.memory, Number(file));
  const text = readManagedString(caller.memory, Number(message)) || "abort";
  return servedCall(caller).end(
    new MocError("MOC_GUEST_ERROR", `${text}, in ${where}(${line}:${column})`, {
      position: { file: where, line: Number(line), column: Number(column) },
    }),
  );
}

function assemblyScriptTrace(
  caller: CallerState,
  message: WasmValue,
  count: WasmValue,
  ...values: WasmValue[]
): void {
  const text = readManagedString(caller.memory, Number(message));
  const shown = values.slice(0, Number(count)).join(", ");
  servedCall(caller).context?.log("info", shown ? `${text} ${shown}` : text);
}

/** A string of AssemblyScript: UTF-16, its size in bytes in the 4 bytes before it. */
function readManagedString(memory: GuestMemory, pointer: number): string {
  if (pointer === 0) return "";
  try {
    return utf16.decode(memory.slice(pointer, memory.u32(pointer - 4)));
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    return "?";
  }
}
