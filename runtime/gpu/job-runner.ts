import { MocError } from "../protocol/errors.ts";
import type {
  GpuJob,
  GpuPass,
  GpuResource,
  GpuResultShape,
  ShaderEntry,
  ShaderShape,
} from "../protocol/gpu.ts";
import { inRuns } from "../protocol/gpu-report.ts";
import { elementScalar, workgroupSizeWith } from "../protocol/shader-types.ts";
import type { CompiledShader } from "./compile-shader.ts";
import type { ComputeLimits, OpenDevice } from "./device.ts";
import type { JobBytes } from "./job-bytes.ts";
import {
  type Bound,
  checkResources,
  checkWorkgroups,
  chooseEntry,
  joinBindings,
  outputBytes,
  outputFormat,
} from "./job-check.ts";
import { JobMemory } from "./job-memory.ts";
import { JobResources } from "./job-resources.ts";
import type { ProcessReport, ShaderFindings } from "./process-messages.ts";
import { ShaderCache } from "./shader-cache.ts";
import { plainMessage } from "./shader-problem.ts";
import { StopWatch } from "./stop-watch.ts";

interface PreparedPass {
  readonly pipeline: GPUComputePipeline;
  readonly bound: readonly Bound[];
  readonly report: ProcessReport["passes"][number];
}

/** Runs jobs on one device, one at a time. */
export class JobRunner {
  readonly #device: GPUDevice;
  readonly #limits: ComputeLimits;
  readonly #cache: ShaderCache;
  readonly #memory: JobMemory;
  readonly #watch: StopWatch | undefined;

  constructor(opened: OpenDevice) {
    const { device, limits } = opened;
    this.#device = device;
    this.#limits = limits;
    this.#cache = new ShaderCache(device);
    this.#memory = new JobMemory(device);
    if (device.features.has("timestamp-query")) this.#watch = new StopWatch(device);
  }

  /** @throws MOC_SHADER_INVALID */
  async inspect(...[source]: Parameters<ShaderCache["shader"]>): Promise<ShaderShape> {
    return (await this.#cache.shader(source)).shape;
  }

  /** All that is wrong with a shader, as far as it shows without data. */
  check(...[source]: Parameters<ShaderCache["check"]>): Promise<ShaderFindings> {
    return this.#cache.check(source);
  }

  /**
   * @param sizes lengths of the inputs, which lie one after the other
   * @param to may be the same as `from`: the outputs replace the inputs
   * @throws MOC_SHADER_INVALID, MOC_SHADER_BINDING, MOC_LIMIT_MEMORY
   */
  async compute(
    job: GpuJob,
    sizes: readonly number[],
    from: JobBytes,
    to: JobBytes,
  ): Promise<{ readonly report: ProcessReport; readonly sizes: readonly number[] }> {
    const started = performance.now();
    checkResources(job, sizes, this.#limits);
    const shaders = await this.#compile(job);
    const passes = await this.#prepare(job, shaders);
    const compiled = performance.now();

    const scopes = new ErrorScopes(this.#device);
    let resources: JobResources | undefined;
    try {
      resources = new JobResources(this.#device, this.#memory, job.resources);
      resources.upload(sizes, from);
      const uploaded = performance.now();
      this.#submit(passes, resources, sizes);
      // Mapping waits for the work: what it waits for has no error once all scopes are read.
      const mapped = resources.map();
      const elapsed = this.#watch?.elapsedMs();
      const [failure] = await Promise.all([scopes.failure(), settled(mapped), settled(elapsed)]);
      if (failure) throw failure;
      await mapped;
      const dispatch = await elapsed;
      const done = performance.now();
      const outputSizes = resources.readBack(to);
      resources.release();
      const ended = performance.now();
      return {
        sizes: outputSizes,
        report: {
          shaders: job.shaders.map((one) => one.name),
          passes: inRuns(passes.map((pass) => pass.report)),
          dispatchMeasuredBy: dispatch === undefined ? "clock" : "timestamp",
          results: resultShapes(job.resources, shaders),
          timings: {
            queue: 0,
            compile: compiled - started,
            upload: uploaded - compiled,
            dispatch: dispatch ?? done - uploaded,
            readback: ended - done,
            total: ended - started,
          },
        },
      };
    } catch (error) {
      const failure = await scopes.failure();
      // What was made without memory is invalid: it must not come back in another job.
      resources?.destroy();
      this.#memory.clear();
      throw failure ?? error;
    }
  }

  async #compile(job: GpuJob): Promise<CompiledShader[]> {
    const shaders: CompiledShader[] = [];
    // One after the other: error scopes nest and would mix.
    for (const source of job.shaders) shaders.push(await this.#cache.shader(source));
    return shaders;
  }

  async #prepare(job: GpuJob, shaders: readonly CompiledShader[]): Promise<PreparedPass[]> {
    const passes: PreparedPass[] = [];
    for (const pass of job.passes) {
      const shader = shaders[pass.shader];
      if (!shader) throw new MocError("MOC_BAD_REQUEST", `the job has no shader ${pass.shader}`);
      const entry = chooseEntry(shader, pass);
      checkWorkgroups(shader, entry, pass, this.#limits);
      const { constants } = pass;
      const bound = joinBindings(shader, entry, pass.bindings, job.resources);
      const bindings = bound.map((one) => one.binding);
      const filterable = new Set(
        bound.filter((one) => isFilterable(job.resources[one.resource])).map((one) => one.binding),
      );
      passes.push({
        pipeline: await this.#cache.pipeline(shader, entry, { bindings, filterable, constants }),
        bound,
        report: {
          shader: shader.source.name,
          entry: entry.name,
          workgroups: neededWorkgroups(shader, entry, pass, bound, job.resources),
          workgroupSize: workgroupSizeWith(entry, constants),
        },
      });
    }
    return passes;
  }

  #submit(
    passes: readonly PreparedPass[],
    resources: JobResources,
    sizes: readonly number[],
  ): void {
    const encoder = this.#device.createCommandEncoder();
    resources.fill(encoder, sizes);
    for (const [index, { pipeline, bound, report }] of passes.entries()) {
      const timestampWrites = this.#watch?.writes(index === 0, index === passes.length - 1);
      const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
      pass.setPipeline(pipeline);
      for (const [group, bindGroup] of resources.bindGroups(pipeline, bound)) {
        pass.setBindGroup(group, bindGroup);
      }
      pass.dispatchWorkgroups(...report.workgroups);
      pass.end();
    }
    resources.copyOutputs(encoder);
    this.#watch?.resolve(encoder);
    this.#device.queue.submit([encoder.finish()]);
  }
}

/** Without those that could only write beside the picture; see needless-workgroups.ts. */
function neededWorkgroups(
  { boundedBy }: CompiledShader,
  entry: ShaderEntry,
  { workgroups, constants }: GpuPass,
  bound: readonly Bound[],
  resources: readonly GpuResource[],
): readonly [number, number, number] {
  const one = bound.find(({ binding }) => binding === boundedBy);
  const texture = one && resources[one.resource];
  if (texture?.kind !== "texture") return workgroups;
  const [x, y, z] = workgroups;
  const workgroupSize = workgroupSizeWith(entry, constants);
  return [
    Math.min(x, Math.ceil(texture.width / workgroupSize[0])),
    Math.min(y, Math.ceil(texture.height / workgroupSize[1])),
    z,
  ];
}

/** Turns what the device refuses into errors of the job, instead of reports to nobody. */
class ErrorScopes {
  readonly #device: GPUDevice;
  #open = true;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("internal");
    device.pushErrorScope("validation");
  }

  /** Closes the scopes; only the first time there may be something in them. */
  async failure(): Promise<MocError | undefined> {
    if (!this.#open) return undefined;
    this.#open = false;
    const [validation, internal, memory] = await Promise.all([
      this.#device.popErrorScope(),
      this.#device.popErrorScope(),
      this.#device.popErrorScope(),
    ]);
    if (memory) {
      const text = `the GPU has not enough memory for the job: ${plainMessage(memory)}`;
      return new MocError("MOC_LIMIT_MEMORY", text);
    }
    if (validation) return new MocError("MOC_SHADER_BINDING", plainMessage(validation));
    return internal
      ? new MocError("MOC_GPU_LOST", `the driver failed: ${plainMessage(internal)}`)
      : undefined;
  }
}

/** Waits for work whose failure is known from elsewhere, or is looked at later. */
async function settled(work: Promise<unknown> | undefined): Promise<void> {
  await work?.catch(() => undefined);
}

/** 32 bit float textures can be interpolated by few adapters; decoded pictures by all. */
function isFilterable(resource: GpuResource | undefined): boolean {
  return resource?.kind === "texture" && resource.format === "rgba8unorm";
}

function resultShapes(
  resources: readonly GpuResource[],
  shaders: readonly CompiledShader[],
): GpuResultShape[] {
  const scalarOf = (name: string) => {
    const bindings = shaders.flatMap((shader) => shader.shape.bindings);
    const binding = bindings.find((one) => one.name === name);
    return binding && "type" in binding ? elementScalar(binding.type) : undefined;
  };
  return resources.flatMap((resource): GpuResultShape[] => {
    if (resource.kind === "sampler" || !resource.output) return [];
    if (resource.kind === "buffer") {
      const format = scalarOf(resource.name);
      const { name, bytes } = resource;
      return [{ name, kind: "buffer", bytes, ...(format && { format }) }];
    }
    const { name, width, height } = resource;
    const format = outputFormat(resource);
    return [{ name, kind: "texture", bytes: outputBytes(resource), format, width, height }];
  });
}
