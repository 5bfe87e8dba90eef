/** Helpers of this engine's tests: WebAssembly from its text format. */
import createWabt from "wabt";

const wabt = createWabt();

/** Assembles a module, with all proposals that the engine knows, names kept. */
export async function wat(text: string): Promise<Uint8Array> {
  const tools = await wabt;
  const module = tools.parseWat("test.wat", text, {
    exceptions: true,
    tail_call: true,
    threads: true,
    mutable_globals: true,
    reference_types: true,
    simd: true,
    bulk_memory: true,
  });
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}
