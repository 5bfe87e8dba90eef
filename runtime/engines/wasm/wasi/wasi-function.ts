import type { WasmValue } from "../host-function.ts";
import type { WasiProcess } from "./process.ts";

/** One function of WASI: answers nothing for success, throws WasiError for an errno. */
export interface WasiFunction {
  /** `i` for i32, `l` for i64. All but proc_exit answer an i32 errno. */
  readonly params: string;
  readonly result?: "";
  /** It may have to wait, and answers a promise then. */
  readonly waits?: true;
  run(process: WasiProcess, ...args: WasmValue[]): void | Promise<void>;
}

/** Functions by their names in the standard. */
export type WasiFunctions = { readonly [name: string]: WasiFunction };
