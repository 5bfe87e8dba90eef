import { MocError } from "../../protocol/errors.ts";
import type { Engine } from "../engine.ts";
import { loadProgram, startLoading } from "./load-program.ts";
import { REHEARSALS } from "./rehearsals.ts";
import { WasmFunction } from "./wasm-function.ts";

/** The engine for WebAssembly modules: guest API, WASI preview 1 and linked modules. */
export function createWasmEngine(): Engine {
  if (!("Suspending" in WebAssembly)) {
    throw new MocError(
      "MOC_INTERNAL",
      "this JavaScript engine has no Promise Integration for WebAssembly; run with Node 24 or newer",
    );
  }
  return {
    contentTypes: ["application/wasm"],
    rehearsals: REHEARSALS,
    async load(image, environment) {
      const loading = startLoading(image, environment);
      const { name, bytes } = image;
      const program = await loadProgram(loading, { name, bytes, importers: [] });
      return new WasmFunction(program, [...loading.linked.values()], image.settings);
    },
  };
}
