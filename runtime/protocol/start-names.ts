/** What a call enters that names no start function, in the order in which it is looked for. */

/** Exports of a WebAssembly module. */
export const WASM_STARTS: readonly string[] = ["_start", "handle", "main"];

/** Global functions of a script. */
export const SCRIPT_STARTS: readonly string[] = ["handle", "main", "_start"];

/** Exports of a JavaScript module, or methods of its default export; a websocket enters the second. */
export const MODULE_STARTS: readonly string[] = ["fetch", "websocket"];
