import { MocError } from "../../protocol/errors.ts";
import type { GuestCall } from "./guest-call.ts";
import type { GuestMemory } from "./guest-memory.ts";
import type { FunctionType } from "./module-info.ts";

/** A number as it crosses between a guest and JavaScript: bigint for i64. */
export type WasmValue = number | bigint;

/** What a function given to a guest knows of the instance that calls it. */
export interface CallerState {
  readonly memory: GuestMemory;
  /** The call that the instance serves now. */
  readonly call: GuestCall | undefined;
}

/** A function that guests import. */
export interface HostFunction {
  readonly type: FunctionType;
  /** It may answer a promise: the guest is suspended meanwhile. */
  readonly waits: boolean;
  bind(caller: CallerState): (...args: WasmValue[]) => unknown;
}

/** A type from letters: `i` i32, `l` i64, `f` f32, `d` f64. */
export function functionType(params: string, result: string): FunctionType {
  return { params: [...params].map(valueType), results: [...result].map(valueType) };
}

function valueType(letter: string): string {
  const types: Record<string, string> = { i: "i32", l: "i64", f: "f32", d: "f64" };
  const type = types[letter];
  if (!type) throw new TypeError(`value type ${letter}`);
  return type;
}

/**
 * The call for which a guest calls the host.
 *
 * @throws MOC_INTERNAL when there is none
 */
export function servedCall(caller: CallerState): GuestCall {
  if (!caller.call) throw new MocError("MOC_INTERNAL", "an idle instance called the host");
  return caller.call;
}
