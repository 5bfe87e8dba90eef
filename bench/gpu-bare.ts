/**
 * The same GPU work as the samples', by a minimal program straight on the package `webgpu`, with the
 * same PNG encoder: what bench/gpu.ts compares with. Does rounds when told; see GpuRounds.
 */
import { create, globals } from "webgpu";
import { toBytes } from "../runtime/guest-api/gpu/picture.ts";
import { encodeColours } from "../runtime/guest-api/gpu/png-encoder.ts";
import type { BareWork, GpuRound, GpuRounds } from "./gpu-work.ts";

Object.assign(globalThis, globals);

const work: BareWork = JSON.parse(process.argv[2] ?? "");
const gpu = create([]);
// A device dies when what made it is collected.
process.on("exit", () => void gpu);
const adapter = await gpu.requestAdapter();
if (!adapter) throw new Error("no adapter");
const { maxStorageBufferBindingSize } = adapter.limits;
const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize } });

function pipelineOf(code: string): GPUComputePipeline {
  const module = device.createShaderModule({ code });
  return device.createComputePipeline({ layout: "auto", compute: { module } });
}

function squares(count: number): () => Promise<unknown> {
  const pipeline = pipelineOf(work.squares);
  const size = count * 4;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const readable = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  const layout = pipeline.getBindGroupLayout(0);
  const group = device.createBindGroup({
    layout,
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const numbers = new Float32Array(count).fill(3);
  return async () => {
    device.queue.writeBuffer(buffer, 0, numbers);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(Math.ceil(count / 256));
    pass.end();
    encoder.copyBufferToBuffer(buffer, 0, readable, 0, size);
    device.queue.submit([encoder.finish()]);
    await readable.mapAsync(GPUMapMode.READ);
    const result = new Float32Array(readable.getMappedRange().slice(0));
    readable.unmap();
    if (result[count - 1] !== 9) throw new Error("wrong result");
  };
}

function mandelbrot(side: number): () => Promise<unknown> {
  const pipeline = pipelineOf(work.mandelbrot);
  const { UNIFORM, COPY_DST, MAP_READ } = GPUBufferUsage;
  const view = device.createBuffer({ size: 16, usage: UNIFORM | COPY_DST });
  device.queue.writeBuffer(view, 0, new Float32Array(work.view));
  const bytesPerRow = side * 16;
  const readable = device.createBuffer({ size: bytesPerRow * side, usage: MAP_READ | COPY_DST });
  const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_SRC;
  const texture = device.createTexture({ size: [side, side], format: "rgba32float", usage });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      { binding: 0, resource: { buffer: view } },
      { binding: 1, resource: texture.createView() },
    ],
  });
  return async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(side / 8, side / 8);
    pass.end();
    encoder.copyTextureToBuffer({ texture }, { buffer: readable, bytesPerRow }, [side, side]);
    device.queue.submit([encoder.finish()]);
    await readable.mapAsync(GPUMapMode.READ);
    const rgba = toBytes(new Float32Array(readable.getMappedRange()));
    readable.unmap();
    return encodeColours(rgba, side, side);
  };
}

const programs = {
  small: squares(work.smallCount),
  squares: squares(work.largeCount),
  mandelbrot: mandelbrot(work.side),
};

process.on("message", async ({ kind, rounds }: GpuRounds) => {
  const times: GpuRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await programs[kind]();
    times.push({ total: performance.now() - start });
  }
  process.send?.(times);
});
process.send?.([]);
