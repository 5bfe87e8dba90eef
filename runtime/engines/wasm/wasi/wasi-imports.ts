import { wasi } from "@bjorn3/browser_wasi_shim";
import { type ErrorCode, MocError } from "../../../protocol/errors.ts";
import type { GuestCall } from "../guest-call.ts";
import { MemoryFault } from "../guest-memory.ts";
import {
  type CallerState,
  functionType,
  type HostFunction,
  servedCall,
  type WasmValue,
} from "../host-function.ts";
import { descriptorFunctions } from "./descriptor-functions.ts";
import { type Dialect, PREVIEW1, UNSTABLE } from "./layouts.ts";
import { pathFunctions } from "./path-functions.ts";
import { pollFunctions } from "./poll-functions.ts";
import { programFunctions } from "./program-functions.ts";
import { socketFunctions } from "./socket-functions.ts";
import { WasiError } from "./wasi-error.ts";
import type { WasiFunction } from "./wasi-function.ts";

/** All functions of both snapshots, by the module name under which guests import them. */
export const WASI_IMPORTS: ReadonlyMap<string, ReadonlyMap<string, HostFunction>> = new Map([
  ["wasi_snapshot_preview1", hostFunctions(PREVIEW1)],
  ["wasi_unstable", hostFunctions(UNSTABLE)],
]);

function hostFunctions(dialect: Dialect): ReadonlyMap<string, HostFunction> {
  const functions = {
    ...programFunctions,
    ...descriptorFunctions(dialect),
    ...pathFunctions(dialect),
    ...pollFunctions(dialect),
    ...socketFunctions,
  };
  return new Map(Object.entries(functions).map(([name, one]) => [name, hostFunction(one)]));
}

function hostFunction(declared: WasiFunction): HostFunction {
  return {
    type: functionType(declared.params, declared.result ?? "i"),
    waits: declared.waits === true,
    bind:
      (caller) =>
      (...args) =>
        callFunction(declared, caller, args),
  };
}

function callFunction(
  declared: WasiFunction,
  caller: CallerState,
  args: readonly WasmValue[],
): number | Promise<number> {
  const call = servedCall(caller);
  const { process } = call;
  process.memory = caller.memory;
  try {
    call.check();
    const waiting = declared.run(process, ...args);
    if (!waiting) return wasi.ERRNO_SUCCESS;
    return waiting.then(
      () => wasi.ERRNO_SUCCESS,
      (error: unknown) => errnoOf(call, error),
    );
  } catch (error) {
    return errnoOf(call, error);
  }
}

/** The errno of a failure; what is none (an exit, a limit, the end of the call) ends the guest. */
function errnoOf(call: GuestCall, error: unknown): number {
  if (error instanceof WasiError) return error.errno;
  if (error instanceof MemoryFault) return wasi.ERRNO_FAULT;
  if (!(error instanceof MocError)) throw error;
  const errno = STREAM_ERRNOS[error.code];
  if (errno === undefined || call.endsWith(error)) return call.end(error);
  call.context?.log("warn", `${error.code}: ${error.message}`);
  return errno;
}

/** Failures of the streams behind descriptors that a program may want to handle. */
const STREAM_ERRNOS: { readonly [code in ErrorCode]?: number } = {
  MOC_BAD_REQUEST: wasi.ERRNO_PIPE,
  MOC_OUTBOUND_FAILED: wasi.ERRNO_IO,
  MOC_OUTBOUND_DENIED: wasi.ERRNO_ACCES,
  MOC_TOO_LARGE: wasi.ERRNO_FBIG,
};
