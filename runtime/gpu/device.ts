import { create, globals } from "webgpu";
import type { GpuAdapter } from "../protocol/gpu.ts";
import type { Absence } from "./absence.ts";
import type { UsableGpu } from "./process-messages.ts";

Object.assign(globalThis, globals);

/** Taken where the adapter has them; shaders ask for theirs with `enable`. */
const WANTED_FEATURES: readonly GPUFeatureName[] = [
  "timestamp-query",
  "shader-f16",
  "subgroups",
  "float32-filterable",
];

/** Limits that matter to compute shaders: raised to what the adapter can do. */
const WANTED_LIMITS = [
  "maxTextureDimension2D",
  "maxBindGroups",
  "maxBindingsPerBindGroup",
  "maxSampledTexturesPerShaderStage",
  "maxSamplersPerShaderStage",
  "maxStorageBuffersPerShaderStage",
  "maxStorageTexturesPerShaderStage",
  "maxUniformBuffersPerShaderStage",
  "maxUniformBufferBindingSize",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** The limits of a device that jobs are checked against, under their names in WebGPU. */
export type ComputeLimits = Readonly<Record<(typeof WANTED_LIMITS)[number], number>>;

/** A device dies when what made it is collected: these stay reachable as long as the process. */
const KEPT: GPU[] = [];

/** A device that jobs run on, with what is told of it. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly limits: ComputeLimits;
  readonly description: UsableGpu;
}

/**
 * Opens the adapter that a part of its name chooses (undefined: Dawn's own choice).
 * @param chosen why this one, for the description
 * @returns the reason when there is none
 */
export async function openDevice(
  name: string | undefined,
  chosen: string,
): Promise<OpenDevice | Absence> {
  // Timestamps are otherwise rounded to 0.1 ms, against attacks that a browser has to fear.
  const toggles = "disable-dawn-features=timestamp_quantization";
  const gpu = create(name === undefined ? [toggles] : [toggles, `adapter=${name}`]);
  KEPT.push(gpu);
  const adapter = await requestAdapter(gpu);
  if (!("features" in adapter)) return absenceOf(name, adapter.reason);
  const limits = Object.fromEntries(
    WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]),
  ) as ComputeLimits;
  const features = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({
    requiredFeatures: features,
    requiredLimits: limits,
  });
  const { vendor, architecture, device: model, description } = adapter.info;
  const adapters = await listAdapters();
  // Dawn takes a part of the name, and the first that has it.
  const found = adapters.find((one) => one.name.includes(name ?? ""));
  return {
    device,
    limits,
    description: {
      available: true,
      adapter: found?.name ?? (model || vendor),
      vendor,
      architecture,
      driver: description,
      backend: found?.backend ?? "unknown",
      software: isSoftware(adapter.info),
      chosen,
      adapters,
      limits,
      features: [...device.features].sort(),
    },
  };
}

/** For a name that no adapter has, what there is instead. */
async function absenceOf(name: string | undefined, reason: string): Promise<Absence> {
  if (name === undefined) return { cause: "adapter", reason };
  const there = (await listAdapters()).map((one) => `'${one.name}'`).join(", ");
  if (!there) return { cause: "adapter", reason: "it offers no adapter" };
  return { cause: "name", reason: `it offers ${there}, none with '${name}' in its name` };
}

async function requestAdapter(gpu: GPU): Promise<GPUAdapter | { readonly reason: string }> {
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    return adapter ?? { reason: "no driver offers an adapter" };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Dawn lists its adapters only when asked for one that does not exist. */
async function listAdapters(): Promise<GpuAdapter[]> {
  const answer = await requestAdapter(create(["adapter=\u0000"]));
  if (!("reason" in answer)) return [];
  const lines = answer.reason.matchAll(/backend: '(.*?)', name: '(.*?)'/g);
  return [...lines].map(([, backend = "", name = ""]) => ({ name, backend }));
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.device} ${info.description}`)
  );
}
