import type { CallContext } from "../../guest-api/call-context.ts";
import type {
  BoundModule,
  GuestFunction,
  Handler,
  ParamValue,
  ResultValue,
} from "../../guest-api/define.ts";
import { GUEST_FAILURE, MocError } from "../../protocol/errors.ts";
import type { GuestCall } from "./guest-call.ts";
import { MemoryFault } from "./guest-memory.ts";
import {
  type CallerState,
  type HostFunction,
  servedCall,
  type WasmValue,
} from "./host-function.ts";
import { destinationLength, readArguments, wasmType, writeResult } from "./marshal.ts";
import { isStackOverflow } from "./stack-overflow.ts";

/** Functions by name, by the module name (or alias) under which guests import them. */
export type ImportModules = ReadonlyMap<string, ReadonlyMap<string, HostFunction>>;

/** The guest API modules as wasm guests import them. */
export function guestApiImports(modules: readonly BoundModule[]): ImportModules {
  const imports = new Map<string, Map<string, HostFunction>>();
  for (const bound of modules) {
    const functions = new Map(
      Object.entries(bound.module.functions).map(([name, declared]) => [
        name,
        hostFunction(bound, name, declared),
      ]),
    );
    for (const name of [bound.module.name, ...bound.module.aliases]) imports.set(name, functions);
  }
  return imports;
}

interface Bound {
  readonly label: string;
  readonly declared: GuestFunction;
  readonly handler: Handler;
  /** Answers the size of a `bytes` result without consuming it. */
  readonly size: Handler | undefined;
}

function hostFunction(module: BoundModule, name: string, declared: GuestFunction): HostFunction {
  const handler = module.handlers[name];
  if (!handler) throw new TypeError(`${module.module.name}.${name} has no handler`);
  const size = declared.size === undefined ? undefined : module.handlers[declared.size];
  const bound: Bound = { label: `${module.module.name}.${name}`, declared, handler, size };
  return {
    type: wasmType(declared),
    waits: declared.waits,
    bind:
      (caller) =>
      (...args) =>
        callHandler(bound, caller, args),
  };
}

function callHandler(
  bound: Bound,
  caller: CallerState,
  args: readonly WasmValue[],
): number | Promise<number> {
  const call = servedCall(caller);
  const { context } = call;
  if (!context) {
    return call.end(
      new MocError(
        "MOC_GUEST_ERROR",
        `${bound.label} was called by the module's start-up code; the guest API is there during calls only`,
      ),
    );
  }
  const raw = args as readonly number[];
  const finish = (value: ResultValue) =>
    writeResult(bound.declared, caller.memory, context, raw, value);
  try {
    call.check();
    const answer = ask(bound, caller, context, raw);
    if (!(answer instanceof Promise)) return finish(answer);
    return call
      .wait(answer)
      .then(finish)
      .catch((error: unknown) => failed(bound, call, context, error));
  } catch (error) {
    return failed(bound, call, context, error);
  }
}

function ask(
  bound: Bound,
  caller: CallerState,
  context: CallContext,
  raw: readonly number[],
): ResultValue | Promise<ResultValue> {
  const values = readArguments(bound.declared, caller.memory, raw);
  if (bound.declared.result === "bytes") {
    caller.memory.check(raw.at(-2) ?? 0, destinationLength(raw));
    if (bound.size) return askWithin(bound, context, values, destinationLength(raw));
  }
  return bound.handler(context, ...values);
}

/** A message that does not fit must stay where it is: it is consumed only when it is copied. */
function askWithin(
  bound: Bound,
  context: CallContext,
  values: ParamValue[],
  room: number,
): ResultValue | Promise<ResultValue> {
  const within = (size: ResultValue | undefined) =>
    Number(size) > room || room === 0 ? (size as number) : bound.handler(context, ...values);
  const size = bound.size?.(context, ...values);
  return size instanceof Promise ? size.then(within) : within(size);
}

/** The guest is told of a failure by a value; its log says what failed. */
function failed(bound: Bound, call: GuestCall, context: CallContext, error: unknown): number {
  if (isStackOverflow(error)) throw error;
  if (error instanceof MemoryFault) {
    context.log("warn", `${bound.label} failed: ${error.message}`);
    return GUEST_FAILURE;
  }
  const reason = MocError.from(error);
  if (call.endsWith(reason)) return call.end(reason);
  const level = reason.code === "MOC_INTERNAL" ? "error" : "warn";
  context.log(level, `${bound.label} failed: ${reason.code}: ${reason.message}`);
  return GUEST_FAILURE;
}
