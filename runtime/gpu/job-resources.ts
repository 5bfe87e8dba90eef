import { MocError } from "../protocol/errors.ts";
import { type GpuResource, TEXTURE_FORMATS } from "../protocol/gpu.ts";
import type { JobBytes } from "./job-bytes.ts";
import { type Bound, outputBytes, resourceBytes } from "./job-check.ts";
import type { JobMemory } from "./job-memory.ts";
import { STAGED_BYTES, type StagingBuffer } from "./upload-staging.ts";

/** WebGPU copies texture rows to buffers at multiples of this. */
const ROW_ALIGNMENT = 256;
/** Sizes of buffers are rounded up to this: what uniforms need at most. */
const BUFFER_STEP = 16;

type Texture = GpuResource & { readonly kind: "texture" };
type Held =
  | { readonly kind: "buffer"; readonly buffer: GPUBuffer; readonly fresh: boolean }
  | {
      readonly kind: "texture";
      readonly texture: GPUTexture;
      /** Where its pixels become bytes. */
      readonly colours: GPUBuffer | undefined;
    }
  | { readonly kind: "sampler"; readonly sampler: GPUSampler };

/** A long input on its way into its buffer. */
interface Upload {
  readonly from: StagingBuffer;
  readonly to: GPUBuffer;
  readonly bytes: number;
}

const roundUp = (value: number, step: number) => Math.ceil(value / step) * step;
/** Writes to the GPU come in fours. */
const inFours = (bytes: number) => roundUp(bytes, 4);
const rowBytes = (one: Texture) => one.width * TEXTURE_FORMATS[one.format].bytesPerPixel;
const alignedRowBytes = (one: Texture) => roundUp(rowBytes(one), ROW_ALIGNMENT);

/** The GPU's side of a job's resources, from upload to read back. */
export class JobResources {
  readonly #device: GPUDevice;
  readonly #memory: JobMemory;
  readonly #resources: readonly GpuResource[];
  readonly #held: readonly Held[];
  readonly #staging: GPUBuffer | undefined;
  readonly #stagingOffsets: readonly number[];
  readonly #uploads: Upload[] = [];

  /** Within error scopes: a lack of memory shows there. */
  constructor(device: GPUDevice, memory: JobMemory, resources: readonly GpuResource[]) {
    this.#device = device;
    this.#memory = memory;
    this.#resources = resources;
    this.#held = resources.map((one) => this.#hold(one));
    let end = 0;
    this.#stagingOffsets = resources.map((one) => {
      const offset = end;
      end += stagingBytes(one);
      return offset;
    });
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#staging = end > 0 ? memory.pool.take(usage, end).buffer : undefined;
  }

  #hold(resource: GpuResource): Held {
    switch (resource.kind) {
      case "sampler":
        return {
          kind: "sampler",
          sampler: this.#device.createSampler({ magFilter: "linear", minFilter: "linear" }),
        };
      case "buffer": {
        const own = resource.usage === "uniform" ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
        const usage = own | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
        const size = roundUp(resource.bytes, BUFFER_STEP);
        return { kind: "buffer", ...this.#memory.pool.take(usage, size) };
      }
      case "texture":
        return this.#holdTexture(resource);
    }
  }

  #holdTexture({ format, width, height, usage: bound, asColours = false }: Texture): Held {
    const { STORAGE_BINDING, TEXTURE_BINDING, COPY_SRC, COPY_DST } = GPUTextureUsage;
    const own = bound === "sampled" ? TEXTURE_BINDING : STORAGE_BINDING;
    const usage = own | COPY_SRC | COPY_DST | (asColours ? TEXTURE_BINDING : 0);
    const texture = this.#device.createTexture({ format, usage, size: [width, height] });
    const bytes = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const colours = asColours ? this.#memory.pool.take(bytes, width * height * 4) : undefined;
    return { kind: "texture", texture, colours: colours?.buffer };
  }

  /** Takes the inputs, which lie one after the other. */
  upload(sizes: readonly number[], from: JobBytes): void {
    const starts: number[] = [];
    let position = 0;
    for (const size of sizes) {
      starts.push(position);
      position += size;
    }
    for (const [index, resource] of this.#resources.entries()) {
      if (resource.kind === "sampler" || resource.input === undefined) continue;
      const size = sizes[resource.input] ?? 0;
      const held = this.#held[index];
      const staged = held?.kind === "buffer" && size >= STAGED_BYTES;
      const bytes = staged ? this.#stage(held.buffer, size) : this.#memory.scratch(inFours(size));
      from.read(bytes.subarray(0, size), starts[resource.input] ?? 0);
      // The bytes after the input are zeros.
      bytes.fill(0, size);
      if (held?.kind === "buffer" && !staged) this.#device.queue.writeBuffer(held.buffer, 0, bytes);
      if (held?.kind === "texture" && resource.kind === "texture") {
        this.#uploadTexture(held.texture, resource, bytes);
      }
    }
    for (const { from: staging } of this.#uploads) staging.buffer.unmap();
  }

  /** Memory from which the GPU fills a buffer itself. */
  #stage(to: GPUBuffer, size: number): Uint8Array<ArrayBuffer> {
    const bytes = inFours(size);
    const from = this.#memory.uploads.take(bytes);
    this.#uploads.push({ from, to, bytes });
    return from.bytes.subarray(0, bytes);
  }

  #uploadTexture(texture: GPUTexture, resource: Texture, bytes: Uint8Array<ArrayBuffer>): void {
    const whole = resourceBytes(resource);
    if (bytes.length !== whole) {
      throw new MocError(
        "MOC_SHADER_BINDING",
        `'${resource.name}' is ${resource.width} x ${resource.height} pixels, ${whole} bytes, but its input has ${bytes.length}`,
      );
    }
    this.#device.queue.writeTexture({ texture }, bytes, { bytesPerRow: rowBytes(resource) }, [
      resource.width,
      resource.height,
    ]);
  }

  /** Long inputs from their staging buffers, and zeros over what earlier jobs left behind the inputs. */
  fill(encoder: GPUCommandEncoder, sizes: readonly number[]): void {
    for (const { from, to, bytes } of this.#uploads) {
      encoder.copyBufferToBuffer(from.buffer, 0, to, 0, bytes);
    }
    for (const [index, held] of this.#held.entries()) {
      const resource = this.#resources[index];
      if (held.kind !== "buffer" || held.fresh || resource?.kind !== "buffer") continue;
      const given = resource.input === undefined ? 0 : (sizes[resource.input] ?? 0);
      const start = inFours(given);
      const end = roundUp(resource.bytes, BUFFER_STEP);
      if (start < end) encoder.clearBuffer(held.buffer, start, end - start);
    }
  }

  *bindGroups(
    pipeline: GPUComputePipeline,
    bound: readonly Bound[],
  ): Generator<readonly [number, GPUBindGroup]> {
    const groups = 1 + Math.max(-1, ...bound.map((one) => one.binding.group));
    for (let group = 0; group < groups; group++) {
      const entries = bound
        .filter((one) => one.binding.group === group)
        .map((one) => ({
          binding: one.binding.binding,
          resource: this.#bindingResource(one.resource),
        }));
      const layout = pipeline.getBindGroupLayout(group);
      yield [group, this.#device.createBindGroup({ layout, entries })];
    }
  }

  #bindingResource(index: number): GPUBindingResource {
    const held = this.#held[index];
    const resource = this.#resources[index];
    if (held?.kind === "buffer" && resource?.kind === "buffer") {
      const step = resource.usage === "uniform" ? BUFFER_STEP : 4;
      return { buffer: held.buffer, size: roundUp(resource.bytes, step) };
    }
    if (held?.kind === "texture") return held.texture.createView();
    if (held?.kind === "sampler") return held.sampler;
    throw new MocError("MOC_BAD_REQUEST", `the job has no resource ${index}`);
  }

  copyOutputs(encoder: GPUCommandEncoder): void {
    if (!this.#staging) return;
    for (const [index, held] of this.#held.entries()) {
      const resource = this.#resources[index];
      if (!resource || resource.kind === "sampler" || !resource.output) continue;
      const offset = this.#stagingOffsets[index] ?? 0;
      if (held.kind === "buffer") {
        const bytes = inFours(resourceBytes(resource));
        encoder.copyBufferToBuffer(held.buffer, 0, this.#staging, offset, bytes);
      }
      if (held.kind === "texture" && held.colours) {
        this.#memory.colours.encode(encoder, held.texture, held.colours);
        encoder.copyBufferToBuffer(held.colours, 0, this.#staging, offset, outputBytes(resource));
      } else if (held.kind === "texture" && resource.kind === "texture") {
        encoder.copyTextureToBuffer(
          { texture: held.texture },
          { buffer: this.#staging, offset, bytesPerRow: alignedRowBytes(resource) },
          [resource.width, resource.height],
        );
      }
    }
  }

  /** Settles when the passes, submitted before, are done and their outputs can be read. */
  async map(): Promise<void> {
    for (const { from } of this.#uploads.splice(0)) this.#memory.uploads.give(from);
    if (this.#staging) await this.#staging.mapAsync(GPUMapMode.READ);
    else await this.#device.queue.onSubmittedWorkDone();
  }

  /**
   * Gives the outputs away straight out of the GPU's memory, once it is mapped.
   * @returns their lengths
   */
  readBack(to: JobBytes): number[] {
    if (!this.#staging) return [];
    const mapped = new Uint8Array(this.#staging.getMappedRange());
    const sizes: number[] = [];
    let position = 0;
    for (const [index, resource] of this.#resources.entries()) {
      if (resource.kind === "sampler" || !resource.output) continue;
      const size = outputBytes(resource);
      const start = this.#stagingOffsets[index] ?? 0;
      for (const part of contiguousParts(resource, mapped.subarray(start))) {
        to.write(part, position);
        position += part.length;
      }
      sizes.push(size);
    }
    this.#staging.unmap();
    return sizes;
  }

  /** The job is done and its outputs are read: buffers may serve the next one. */
  release(): void {
    const { pool } = this.#memory;
    for (const held of this.#held) {
      if (held.kind === "buffer") pool.give(held.buffer);
      if (held.kind !== "texture") continue;
      held.texture.destroy();
      if (held.colours) pool.give(held.colours);
    }
    if (this.#staging) pool.give(this.#staging);
  }

  /** The job failed: nothing of it is used again. */
  destroy(): void {
    for (const held of this.#held) {
      if (held.kind === "buffer") held.buffer.destroy();
      if (held.kind !== "texture") continue;
      held.texture.destroy();
      held.colours?.destroy();
    }
    this.#staging?.destroy();
    for (const { from } of this.#uploads) from.buffer.destroy();
  }
}

function stagingBytes(resource: GpuResource): number {
  if (resource.kind === "sampler" || !resource.output) return 0;
  const inRows = resource.kind === "texture" && !resource.asColours;
  const bytes = inRows ? alignedRowBytes(resource) * resource.height : outputBytes(resource);
  return roundUp(bytes, ROW_ALIGNMENT);
}

/** Rows of a texture without what aligns them; everything in one piece where nothing does. */
function* contiguousParts(resource: GpuResource, bytes: Uint8Array): Generator<Uint8Array> {
  const gapless = resource.kind !== "texture" || resource.asColours;
  if (gapless || rowBytes(resource) === alignedRowBytes(resource)) {
    yield bytes.subarray(0, outputBytes(resource));
    return;
  }
  const packed = new Uint8Array(resourceBytes(resource));
  for (let row = 0; row < resource.height; row++) {
    const start = row * alignedRowBytes(resource);
    packed.set(bytes.subarray(start, start + rowBytes(resource)), row * rowBytes(resource));
  }
  yield packed;
}
