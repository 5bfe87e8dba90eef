/** A GPU host for tests: on the system's adapter, else on SwiftShader; else tests skip and say why. */
import type { GpuJob, ShaderSource } from "../protocol/gpu.ts";
import { GpuHost, type GpuHostOptions } from "./gpu-host.ts";

interface TestGpu {
  readonly host: GpuHost;
  /** For the option `skip` of a test: the reason, or false where there is an adapter. */
  readonly skip: string | false;
}

export async function openTestGpu(options: GpuHostOptions = {}): Promise<TestGpu> {
  const host = new GpuHost(options);
  const description = await host.describe();
  const skip = description.available ? false : `no GPU adapter: ${description.reason}`;
  return { host, skip };
}

export const wgsl = (text: string, name = "test.wgsl"): ShaderSource => ({
  name,
  language: "wgsl",
  text,
});

export const glsl = (text: string, name = "test.glsl"): ShaderSource => ({
  name,
  language: "glsl",
  text,
});

/** One pass over one storage buffer at binding 0, filled by input 0 and read back. */
export function inPlaceJob(shader: ShaderSource, bytes: number, workgroups: number): GpuJob {
  return {
    shaders: [shader],
    resources: [{ kind: "buffer", name: "data", bytes, usage: "storage", input: 0, output: true }],
    passes: [
      {
        shader: 0,
        workgroups: [workgroups, 1, 1],
        bindings: [{ group: 0, binding: 0, resource: 0 }],
      },
    ],
  };
}

export const SQUARES = wgsl(`@group(0) @binding(0) var<storage, read_write> data: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&data)) {
    data[id.x] = data[id.x] * data[id.x];
  }
}
`);

/** Runs until the process that runs it is ended; the buffer keeps compilers from dropping it. */
export const ENDLESS =
  wgsl(`@group(0) @binding(0) var<storage, read_write> data: array<atomic<u32>>;
@compute @workgroup_size(1)
fn main() {
  loop {
    if (atomicLoad(&data[0]) == 12345u) { break; }
    atomicAdd(&data[1], 1u);
  }
}`);

export const bytesOf = (numbers: Float32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

export const floatsIn = (bytes: Uint8Array | undefined): Float32Array =>
  new Float32Array((bytes ?? new Uint8Array()).slice().buffer);
