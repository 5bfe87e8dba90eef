import type { Engine } from "./engine.ts";
import { createJavaScriptEngine } from "./javascript/engine.ts";
import { createShaderEngine } from "./shader/engine.ts";
import { createWasmEngine } from "./wasm/engine.ts";

/** Every engine an executor has. A new one is a folder and a line here. */
export const ENGINES: readonly Engine[] = [
  createWasmEngine(),
  createJavaScriptEngine(),
  createShaderEngine(),
];
