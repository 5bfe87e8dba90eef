import { MocError } from "../../protocol/errors.ts";
import type { CallMode, FunctionSettings } from "../../protocol/model.ts";
import { WASM_STARTS } from "../../protocol/start-names.ts";
import type { CallEntry } from "../engine.ts";
import type { WasmValue } from "./host-function.ts";
import { type FunctionType, type ModuleInfo, printType } from "./module-info.ts";

/** Module names under which WASI preview 1 is imported. */
const WASI_MODULES: readonly string[] = ["wasi_snapshot_preview1", "wasi_unstable"];

/** How a call enters an instance. */
export interface StartPlan {
  readonly mode: CallMode;
  readonly name: string;
  readonly args: readonly WasmValue[];
}

/** A function that a module exports; undefined when there is none of that name. */
export function exportedFunction(info: ModuleInfo, name: string): FunctionType | undefined {
  const one = info.exports.find((exported) => exported.name === name);
  return one?.kind === "function" ? info.functions[one.index] : undefined;
}

/**
 * @throws MOC_GUEST_NO_START, and MOC_BAD_REQUEST when the arguments do not fit
 */
export function planStart(
  info: ModuleInfo,
  functionName: string,
  entry: CallEntry,
  settings: FunctionSettings,
): StartPlan {
  const mode = entry.mode ?? settings.mode ?? naturalMode(info);
  const wanted = entry.startFunction || settings.start || "";
  const name = wanted || WASM_STARTS.find((one) => exportedFunction(info, one)) || "";
  const type = exportedFunction(info, name);
  if (!type) throw noStart(info, functionName, wanted);
  return { mode, name, args: toArguments(entry, wanted, { name, type, functionName }) };
}

function naturalMode(info: ModuleInfo): CallMode {
  const wasi = info.imports.some((one) => WASI_MODULES.includes(one.module));
  return wasi && exportedFunction(info, "_start") ? "posix" : "direct";
}

function noStart(info: ModuleInfo, functionName: string, wanted: string): MocError {
  const names = info.exports.filter((one) => one.kind === "function").map((one) => one.name);
  const missing = wanted ? `no function ${wanted}` : `none of ${WASM_STARTS.join(", ")}`;
  const instead = names.length > 0 ? `it exports ${names.join(", ")}` : "it exports no function";
  return new MocError("MOC_GUEST_NO_START", `${functionName} exports ${missing}; ${instead}`);
}

interface Target {
  readonly name: string;
  readonly type: FunctionType;
  readonly functionName: string;
}

function toArguments(entry: CallEntry, wanted: string, target: Target): WasmValue[] {
  const { params } = target.type;
  const given = entry.arguments;
  // A C main that nobody asked for by name takes argc and argv: there are none.
  if (given.length === 0 && wanted === "" && target.name === "main") {
    return params.map((type) => toWasm(0, type, target));
  }
  if (given.length !== params.length) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `${target.functionName}: ${target.name} is ${printType(target.type)}, the call gives ${given.length} arguments`,
    );
  }
  return params.map((type, index) => toWasm(given[index] ?? 0, type, target));
}

function toWasm(value: number, type: string, target: Target): WasmValue {
  if (!Number.isFinite(value)) {
    throw new MocError("MOC_BAD_REQUEST", `${target.functionName}: an argument is not a number`);
  }
  switch (type) {
    case "i32":
      return value | 0;
    case "i64":
      return BigInt(Math.trunc(value));
    case "f32":
    case "f64":
      return value;
    default:
      throw new MocError(
        "MOC_BAD_REQUEST",
        `${target.functionName}: ${target.name} takes ${type}, which a call cannot give; only i32, i64, f32 and f64`,
      );
  }
}

/** What an export returned, as a number: nothing is 0, the first of several counts. */
export function toResult(returned: unknown): number {
  const value = Array.isArray(returned) ? returned[0] : returned;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : 0;
}
