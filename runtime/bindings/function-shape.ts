/** What several generators need to know of a guest function beyond its declaration's types. */
import type { GuestFunction, GuestModule, Param } from "../guest-api/define.ts";

/** Functions of module core that answer the failure value for nothing that a guest can do. */
const INFALLIBLE = new Set(["get_input_buffer_id", "get_output_buffer_id", "is_trace"]);

/** Functions whose bytes may be absent, which JavaScript sees as undefined. */
const MAY_BE_ABSENT = new Set(["persistence_get", "read_exchange_buffer"]);

/** Functions that answer undefined to a script, as in the original, where others would fail. */
const LENIENT_LOOK_UPS = new Set([
  "get_blob_tech_id_from_name",
  "get_blob_bytes_as_string",
  "verify_jwt",
]);

/** Functions that were not in the original's generated bindings. */
const BEYOND_THE_ORIGINAL = new Set([
  "get_exchange_buffer_size",
  "get_buffer_headers",
  "read_exchange_buffer_part",
  "read_exchange_buffer_status_code",
  "close_exchange_buffer",
  "persistence_delete",
  "persistence_list",
  "persistence_batch",
  "log",
  "http_request",
  "call",
  "publish",
  "subscribe",
  "sleep",
]);

/** Whether the original's bindings declared the function: its signature is a contract then. */
export function isOriginal(module: GuestModule, name: string): boolean {
  return module.name !== "platform" && !BEYOND_THE_ORIGINAL.has(name);
}

/** Whether the function always succeeds, so that its idiomatic form answers a plain value. */
export function isInfallible(name: string): boolean {
  return INFALLIBLE.has(name);
}

/** Whether success carries no value (the declaration says that it answers 0). */
export function answersNothing(fn: GuestFunction): boolean {
  return fn.result === "int" && fn.returns === "0";
}

/** Whether JavaScript guests may get undefined instead of bytes. */
export function mayBeAbsent(name: string): boolean {
  return MAY_BE_ABSENT.has(name);
}

/** Whether a script, which calls in the original's manner, may get undefined instead of a text. */
export function isLenientLookUp(name: string): boolean {
  return LENIENT_LOOK_UPS.has(name);
}

/** Whether the values of a map result are text for sure; store values may be any bytes. */
export function isTextMap(name: string): boolean {
  return name.endsWith("headers");
}

/**
 * The parameter whose size the answer counts. Such an answer may be 65535, the failure value,
 * although the call went well: see `ambiguity` in the generators.
 */
export function countedParam(name: string, fn: GuestFunction): Param | undefined {
  if (name !== "write_exchange_buffer" && name !== "read_exchange_buffer_part") return undefined;
  return fn.params.find((param) => param.type === "bytes" || param.type === "dest");
}

/** Sentences about ownership that every language's documentation repeats. */
export function ownership(fn: GuestFunction): string | undefined {
  if (fn.result !== "buffer_id" || !/^(Makes|Opens|Sends|Runs)/.test(fn.doc)) return undefined;
  return "The buffer is yours: free it with free_buffer, or it lives until the call ends.";
}
