import { checkDeclaration } from "./engines/shader/check.ts";
import type { GpuHost } from "./gpu/gpu-host.ts";
import type { ShaderCheck, ShaderCheckRequest } from "./protocol/gpu.ts";

/** Checks shaders before they are deployed: their text, and their declaration against it. */
export function shaderChecker(gpu: GpuHost): (request: ShaderCheckRequest) => Promise<ShaderCheck> {
  return async (request) => {
    const { shape, problems, ...facts } = await gpu.check(request.source);
    const declared = shape ? checkDeclaration(request, shape) : [];
    return { ...facts, problems: [...problems, ...declared] };
  };
}
