import assert from "node:assert/strict";
import { test } from "node:test";
import type { GpuJob, GpuResource } from "../protocol/gpu.ts";
import type { ComputeLimits } from "./device.ts";
import { checkResources } from "./job-check.ts";
import { inPlaceJob, SQUARES } from "./testing.ts";

/** Of an adapter that takes little; where it matters, others differ. */
const limits = {
  maxBufferSize: 1024,
  maxStorageBufferBindingSize: 4096,
  maxUniformBufferBindingSize: 256,
  maxTextureDimension2D: 64,
} as ComputeLimits;

const buffer = (name: string, bytes: number, usage: "storage" | "uniform" = "storage") =>
  ({ kind: "buffer", name, bytes, usage, output: true }) as const;

const jobWith = (...resources: GpuResource[]): GpuJob => ({
  ...inPlaceJob(SQUARES, 4, 1),
  resources,
});

const refused = (job: GpuJob, message: RegExp) =>
  assert.throws(() => checkResources(job, [], limits), { code: "MOC_SHADER_BINDING", message });

test("what an adapter does not take is named with its limit, whichever is the lowest", () => {
  refused(jobWith(buffer("data", 1028)), /'data' has 1028 bytes.* 1024 \(maxBufferSize\)/);
  refused(jobWith(buffer("data", 5000)), /4096 \(maxStorageBufferBindingSize\)/);
  refused(jobWith(buffer("view", 260, "uniform")), /256 \(maxUniformBufferBindingSize\)/);
  refused(
    jobWith(buffer("a", 1024), buffer("b", 4)),
    /the outputs 'a', 'b' have 1028 bytes together.* 1024 \(maxBufferSize\)/,
  );
  checkResources(jobWith(buffer("a", 1000), buffer("b", 24)), [], limits);
});
