import { WASIProcExit } from "@bjorn3/browser_wasi_shim";
import { MocError } from "../../protocol/errors.ts";
import type { GuestCall } from "./guest-call.ts";
import { translateFailure } from "./guest-failure.ts";
import type { GuestInstance } from "./guest-instance.ts";
import { type HostFunction, servedCall, type WasmValue } from "./host-function.ts";
import { type FunctionType, printType, sameType } from "./module-info.ts";
import { exportedFunction } from "./start-plan.ts";
import type { WasmProgram } from "./wasm-program.ts";

/**
 * An export of another registered module, as an import. Within one call each linked module has one
 * instance, in pristine state when the call starts.
 *
 * @throws MOC_GUEST_LINK when there is no such export, or it has another type
 */
export function linkedImport(
  importer: string,
  program: WasmProgram,
  field: string,
  expected: FunctionType,
): HostFunction {
  const found = exportedFunction(program.parts.info, field);
  if (!found) {
    throw new MocError(
      "MOC_GUEST_LINK",
      `${importer} imports ${program.name}.${field}, which ${program.name} does not export`,
    );
  }
  checkSignature(importer, `${program.name}.${field}`, expected, found);
  return {
    type: expected,
    waits: true,
    bind:
      (caller) =>
      (...args) =>
        callLinked(program, field, servedCall(caller), args),
  };
}

/** @throws MOC_GUEST_LINK */
export function checkSignature(
  importer: string,
  name: string,
  expected: FunctionType,
  found: FunctionType,
): void {
  if (sameType(expected, found)) return;
  throw new MocError(
    "MOC_GUEST_LINK",
    `${importer} imports ${name} as ${printType(expected)}, but it is ${printType(found)}; generate the bindings again`,
  );
}

function callLinked(
  program: WasmProgram,
  field: string,
  call: GuestCall,
  args: readonly WasmValue[],
): unknown {
  call.check();
  const held = call.held.get(program) as HeldInstance | undefined;
  if (held) return enter(held.instance, program, field, call, args);
  const acquired = program.acquire();
  const begin = (instance: GuestInstance) => {
    instance.call = call;
    call.held.set(program, new HeldInstance(program, instance));
    return enter(instance, program, field, call, args);
  };
  return acquired instanceof Promise ? acquired.then(begin) : begin(acquired);
}

/** A failure of the linked module ends the whole call. */
function enter(
  instance: GuestInstance,
  program: WasmProgram,
  field: string,
  call: GuestCall,
  args: readonly WasmValue[],
): unknown {
  const failed = (error: unknown): never => {
    if (error instanceof WASIProcExit) throw error;
    return call.end(
      translateFailure(error, { program: program.parts, instance, call, during: field }),
    );
  };
  try {
    const returned = instance.invoke(field, args);
    return returned instanceof Promise ? returned.catch(failed) : returned;
  } catch (error) {
    return failed(error);
  }
}

class HeldInstance {
  readonly instance: GuestInstance;
  readonly #program: WasmProgram;

  constructor(program: WasmProgram, instance: GuestInstance) {
    this.#program = program;
    this.instance = instance;
  }

  release(healthy: boolean): void {
    this.#program.release(this.instance, healthy);
  }
}
