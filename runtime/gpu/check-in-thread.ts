import { Worker } from "node:worker_threads";
import { MocError } from "../protocol/errors.ts";
import type { ShaderSource } from "../protocol/gpu.ts";
import type { ShaderFindings } from "./process-messages.ts";

/** A text for which the compilers need longer is taken for one that they do not get through. */
const TIMEOUT_MS = 10_000;
/** Heap of the thread in MiB; the compilers' own memory is beside it. */
const HEAP_MIB = 256;

/** Beside the bundle it is a bundle of its own; from sources the file itself. */
const ENTRY = import.meta.url.endsWith(".ts")
  ? new URL("./check-thread.ts", import.meta.url)
  : new URL("./shader-check.js", import.meta.url);

/**
 * Checks a shader without a device, in a thread that ends with it.
 * @throws MOC_SHADER_INVALID when the compilers crash or do not end
 */
export async function checkInThread(source: ShaderSource): Promise<ShaderFindings> {
  const worker = new Worker(ENTRY, {
    workerData: source,
    env: {},
    execArgv: ["--no-warnings"],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ShaderFindings>((resolve, reject) => {
      const fail = (how: string) =>
        reject(new MocError("MOC_SHADER_INVALID", `${source.name}: the check ${how}`));
      late = setTimeout(() => fail(`did not end within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
      worker.once("message", resolve);
      worker.once("error", (error: Error) => fail(`failed: ${error.message}`));
      worker.once("exit", () => fail("ended without an answer"));
    });
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}
