import { MocError } from "../protocol/errors.ts";
import type { GpuComputeArgument, ShaderSource } from "../protocol/gpu.ts";
import type { GpuAnswer } from "../protocol/host-ops.ts";
import { type GpuInput, inputLength } from "./exchange-file.ts";
import type { GpuHost } from "./gpu-host.ts";

/** Streams may hold other than was said of them, by the headers of a request that was passed on. */
function checkLengths(lengths: readonly number[], inputs: readonly GpuInput[]): void {
  for (const [index, input] of inputs.entries()) {
    const length = inputLength(input);
    if (length === lengths[index]) continue;
    throw new MocError(
      "MOC_BAD_REQUEST",
      `the body has ${length} bytes, but its content-length says ${lengths[index]}`,
    );
  }
}

/** Serves the host operation `gpu`; see {@link GpuOperations} for its arguments and answers. */
export function gpuOperations(
  host: GpuHost,
): (
  operation: string,
  argument: unknown,
  inputs: readonly GpuInput[],
  signal?: AbortSignal,
) => Promise<GpuAnswer> {
  return async (operation, argument, inputs, signal) => {
    const cancel = signal ? { signal } : {};
    switch (operation) {
      case "describe":
        return { json: await host.describe(), buffers: [] };
      case "inspect":
        return { json: await host.inspect(argument as ShaderSource, cancel), buffers: [] };
      case "compute": {
        const { job, timeoutMs, lengths } = argument as GpuComputeArgument;
        checkLengths(lengths, inputs);
        const result = await host.compute(job, inputs, { timeoutMs, ...cancel });
        return { json: result.report, buffers: result.buffers };
      }
      default:
        throw new MocError("MOC_INTERNAL", `the GPU host has no operation '${operation}'`);
    }
  };
}
