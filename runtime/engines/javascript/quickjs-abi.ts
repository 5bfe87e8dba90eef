/**
 * The C interface of QuickJS as the wasm file of `@jitl/quickjs-wasmfile-release-sync` 0.32.0 offers
 * it. Names in the file are minified; quickjs-abi.test.ts compares this table with the package's own
 * loader, so that a new version cannot slip in unnoticed.
 * @see https://github.com/justjake/quickjs-emscripten/blob/main/c/interface.c
 */

/** Address in QuickJS's memory. */
export type Pointer = number;

/** Our names of the exports, and the file's. */
export const EXPORT_NAMES = {
  initialize: "u",
  malloc: "v",
  free: "M",
  stackRestore: "Ma",
  stackSave: "Oa",
  throwValue: "w",
  setMaxStackSize: "D",
  getUndefined: "E",
  newRuntime: "K",
  newContext: "N",
  freeValue: "P",
  freeCString: "S",
  newArrayBuffer: "X",
  newFloat64: "Y",
  getFloat64: "Z",
  newString: "_",
  getString: "$",
  getArrayBuffer: "aa",
  getArrayBufferLength: "ba",
  isJobPending: "fa",
  executePendingJob: "ga",
  getProp: "ha",
  setProp: "ja",
  call: "ma",
  resolveException: "na",
  evaluate: "pa",
  getGlobalObject: "ua",
  promiseState: "wa",
  promiseResult: "xa",
  newFunction: "Da",
  enableInterruptHandler: "Fa",
} as const;

/** The package's names for the same, where its loader has one. */
export const LOADER_NAMES: { readonly [name in keyof typeof EXPORT_NAMES]?: string } = {
  malloc: "malloc",
  free: "free",
  throwValue: "QTS_Throw",
  setMaxStackSize: "QTS_RuntimeSetMaxStackSize",
  getUndefined: "QTS_GetUndefined",
  newRuntime: "QTS_NewRuntime",
  newContext: "QTS_NewContext",
  freeValue: "QTS_FreeValuePointer",
  freeCString: "QTS_FreeCString",
  newArrayBuffer: "QTS_NewArrayBuffer",
  newFloat64: "QTS_NewFloat64",
  getFloat64: "QTS_GetFloat64",
  newString: "QTS_NewString",
  getString: "QTS_GetString",
  getArrayBuffer: "QTS_GetArrayBuffer",
  getArrayBufferLength: "QTS_GetArrayBufferLength",
  isJobPending: "QTS_IsJobPending",
  executePendingJob: "QTS_ExecutePendingJob",
  getProp: "QTS_GetProp",
  setProp: "QTS_SetProp",
  call: "QTS_Call",
  resolveException: "QTS_ResolveException",
  evaluate: "QTS_Eval",
  getGlobalObject: "QTS_GetGlobalObject",
  promiseState: "QTS_PromiseState",
  promiseResult: "QTS_PromiseResult",
  newFunction: "QTS_NewFunction",
  enableInterruptHandler: "QTS_RuntimeEnableInterruptHandler",
};

/** What we use of QuickJS. Values are passed by pointers to 8 byte boxes that malloc made. */
export interface QuickJSExports {
  initialize(): void;
  malloc(bytes: number): Pointer;
  free(pointer: Pointer): void;
  stackRestore(pointer: Pointer): void;
  stackSave(): Pointer;
  throwValue(context: Pointer, error: Pointer): Pointer;
  setMaxStackSize(runtime: Pointer, bytes: number): void;
  getUndefined(): Pointer;
  newRuntime(): Pointer;
  newContext(runtime: Pointer, intrinsics: number): Pointer;
  freeValue(context: Pointer, value: Pointer): void;
  freeCString(context: Pointer, text: Pointer): void;
  newArrayBuffer(context: Pointer, bytes: Pointer, length: number): Pointer;
  newFloat64(context: Pointer, value: number): Pointer;
  getFloat64(context: Pointer, value: Pointer): number;
  newString(context: Pointer, text: Pointer): Pointer;
  getString(context: Pointer, value: Pointer): Pointer;
  getArrayBuffer(context: Pointer, value: Pointer): Pointer;
  getArrayBufferLength(context: Pointer, value: Pointer): number;
  isJobPending(runtime: Pointer): number;
  executePendingJob(runtime: Pointer, jobsMax: number, contextOut: Pointer): Pointer;
  getProp(context: Pointer, object: Pointer, name: Pointer): Pointer;
  setProp(context: Pointer, object: Pointer, name: Pointer, value: Pointer): void;
  call(context: Pointer, callee: Pointer, self: Pointer, count: number, pointers: Pointer): Pointer;
  resolveException(context: Pointer, value: Pointer): Pointer;
  evaluate(
    context: Pointer,
    code: Pointer,
    length: number,
    file: Pointer,
    detectModule: number,
    flags: number,
  ): Pointer;
  getGlobalObject(context: Pointer): Pointer;
  promiseState(context: Pointer, promise: Pointer): number;
  promiseResult(context: Pointer, promise: Pointer): Pointer;
  newFunction(
    context: Pointer,
    name: Pointer,
    length: number,
    isConstructor: number,
    id: number,
  ): Pointer;
  enableInterruptHandler(runtime: Pointer): void;
}

/** High half of a value's 64 bits (`JS_TAG_*`); everything below FLOAT64 is a double. */
export const TAG = {
  INT: 0,
  BOOL: 1,
  NULL: 2,
  UNDEFINED: 3,
  EXCEPTION: 6,
  STRING: -7,
  STRING_ROPE: -6,
  OBJECT: -1,
} as const;

/** Flags of `evaluate` (`JS_EVAL_*`). */
export const EVAL = { SCRIPT: 0, MODULE: 1, COMPILE_ONLY: 1 << 5 } as const;

/** `JSPromiseStateEnum` */
export const PROMISE = { PENDING: 0, FULFILLED: 1, REJECTED: 2 } as const;
