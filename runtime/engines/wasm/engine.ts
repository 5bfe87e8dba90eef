import type { Engine } from "../engine.ts";
import { loadProgram, startLoading } from "./load-program.ts";
import { WasmFunction } from "./wasm-function.ts";

/** The engine for WebAssembly modules: guest API, WASI preview 1 and linked modules. */
export function createWasmEngine(): Engine {
  return {
    contentTypes: ["application/wasm"],
    async load(image, environment) {
      const loading = startLoading(image, environment);
      const { name, bytes } = image;
      const program = await loadProgram(loading, { name, bytes, importers: [] });
      return new WasmFunction(program, [...loading.linked.values()], image.settings);
    },
  };
}
