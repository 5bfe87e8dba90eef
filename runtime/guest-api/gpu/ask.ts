import { MocError } from "../../protocol/errors.ts";
import {
  type GpuComputeArgument,
  type GpuJob,
  type GpuReport,
  type GpuResource,
  type GpuResult,
  SHADER_CONTENT_TYPES,
  type ShaderShape,
  type ShaderSource,
  TEXTURE_FORMATS,
} from "../../protocol/gpu.ts";
import type { GpuPart } from "../../protocol/host-ops.ts";
import type { CallContext } from "../call-context.ts";
import { reportJob } from "./report.ts";

const MiB = 2 ** 20;

/** Bytes for a job: here, or in parts of which the last may be a stream that the host keeps. */
export type GpuInput = Uint8Array | { readonly length: number; readonly parts: readonly GpuPart[] };

/** A part of a larger memory would travel with all of it. */
function travelling(parts: readonly GpuPart[]): readonly GpuPart[] {
  return parts.map((one) =>
    one instanceof Uint8Array && one.byteLength < one.buffer.byteLength ? one.slice() : one,
  );
}

/** Asks the host's GPU on behalf of a call, within the call's limits, and reports the job. */
export async function computeOnGpu(
  context: CallContext,
  job: GpuJob,
  inputs: readonly GpuInput[],
): Promise<GpuResult> {
  const bytes = job.resources.reduce((sum, one) => sum + bytesOf(one), 0);
  const allowed = context.limits.memoryMiB * MiB;
  if (bytes > allowed) {
    throw new MocError(
      "MOC_LIMIT_MEMORY",
      `the job's buffers and textures take ${bytes} bytes; ${allowed} are allowed (limits.memoryMiB)`,
    );
  }
  const argument: GpuComputeArgument = {
    job,
    timeoutMs: context.limits.timeoutMs,
    lengths: inputs.map((one) => one.length),
  };
  const parts = inputs.map((input) => (input instanceof Uint8Array ? [input] : input.parts));
  const answer = await context.host.gpu("compute", argument, parts.map(travelling));
  const report = answer.json as GpuReport;
  reportJob(context, report);
  return { report, buffers: answer.buffers };
}

/**
 * What a shader declares, once it compiles.
 * @throws MocError MOC_SHADER_INVALID, MOC_GPU_UNAVAILABLE, MOC_GPU_LOST
 */
export async function inspectShader(
  context: CallContext,
  shader: ShaderSource,
): Promise<ShaderShape> {
  return (await context.host.gpu("inspect", shader, [])).json as ShaderShape;
}

/**
 * The shader that a blob holds.
 * @throws MOC_GUEST_INVALID when it is no shader
 */
export function shaderSource(name: string, contentType: string, bytes: Uint8Array): ShaderSource {
  const text = new TextDecoder().decode(bytes);
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  const language = SHADER_CONTENT_TYPES[type] ?? (/^\s*#version\b/.test(text) ? "glsl" : undefined);
  if (language) return { name, language, text };
  throw new MocError(
    "MOC_GUEST_INVALID",
    `'${name}' has the content type '${contentType}'; a shader has one of ${Object.keys(SHADER_CONTENT_TYPES).join(", ")}`,
  );
}

function bytesOf(resource: GpuResource): number {
  if (resource.kind === "sampler") return 0;
  if (resource.kind === "buffer") return resource.bytes;
  const { bytesPerPixel } = TEXTURE_FORMATS[resource.format] ?? { bytesPerPixel: 16 };
  return resource.width * resource.height * bytesPerPixel;
}
