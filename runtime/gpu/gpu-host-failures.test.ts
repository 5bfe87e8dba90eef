/** What can happen to the GPU host, for real: each costs the calls in flight, and no other. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { MocError } from "../protocol/errors.ts";
import type { GpuJob } from "../protocol/gpu.ts";
import { GpuHost } from "./gpu-host.ts";
import { bytesOf, ENDLESS, floatsIn, inPlaceJob, openTestGpu, SQUARES } from "./testing.ts";

const { host, skip } = await openTestGpu();
after(() => host.close());

const code = (wanted: string) => (error: unknown) =>
  error instanceof MocError && error.code === wanted;

const endless = () => [inPlaceJob(ENDLESS, 64, 1), [new Uint8Array(64)]] as const;

test("a shader that does not end costs its own limit, and the next call works", {
  skip,
}, async () => {
  const limitMs = 1000;
  await host.compute(inPlaceJob(SQUARES, 4, 1), [bytesOf(Float32Array.of(2))]);
  const before = await host.pid();
  const stuck = host.compute(...endless(), { timeoutMs: limitMs });
  const behind = host.compute(inPlaceJob(SQUARES, 4, 1), [bytesOf(Float32Array.of(3))]);
  // With the process already, so it falls with it.
  const lost = assert.rejects(behind, code("MOC_GPU_LOST"));
  await assert.rejects(stuck, code("MOC_LIMIT_TIME"));
  await lost;
  const { buffers } = await host.compute(inPlaceJob(SQUARES, 4, 1), [bytesOf(Float32Array.of(3))]);
  assert.deepEqual([...floatsIn(buffers[0])], [9]);
  assert.notEqual(await host.pid(), before);
});

test("when the process is killed, calls in flight fail and the next one works", {
  skip,
}, async () => {
  const pid = await host.pid();
  assert.ok(pid);
  const inFlight = host.compute(...endless());
  await host.inspect(SQUARES, { timeoutMs: 50 }).catch(() => undefined);
  process.kill(pid, "SIGKILL");
  await assert.rejects(inFlight, code("MOC_GPU_LOST"));
  const { buffers } = await host.compute(inPlaceJob(SQUARES, 4, 1), [bytesOf(Float32Array.of(5))]);
  assert.deepEqual([...floatsIn(buffers[0])], [25]);
});

test("a device that is lost fails the call with its reason, and the next one works", {
  skip,
}, async () => {
  const entry = new URL("./losing-process.fixture.ts", import.meta.url);
  const losing = new GpuHost({ entry });
  try {
    const job = inPlaceJob(SQUARES, 4, 1);
    await losing.compute(job, [bytesOf(Float32Array.of(2))]);
    const before = await losing.pid();
    const resources = job.resources.map((one) => ({ ...one, name: "lose" }));
    const lost = losing.compute({ ...job, resources }, [new Uint8Array(4)]);
    await assert.rejects(lost, (error) => {
      assert.ok(error instanceof MocError);
      assert.equal(error.code, "MOC_GPU_LOST");
      assert.match(error.message, /device was lost/);
      return true;
    });
    const { buffers: squares } = await losing.compute(job, [bytesOf(Float32Array.of(5))]);
    assert.deepEqual([...floatsIn(squares[0])], [25]);
    assert.notEqual(await losing.pid(), before);
  } finally {
    await losing.close();
  }
});

const prlimit = existsSync("/usr/bin/prlimit") && existsSync("/proc/self/status");
const noLimits = prlimit ? false : "no prlimit here, which takes memory away from a process";

test("a GPU without memory fails the job with that, and works again when there is some", {
  skip: skip || noLimits,
}, async () => {
  const scarce = new GpuHost();
  try {
    await scarce.compute(inPlaceJob(SQUARES, 4, 1), [bytesOf(Float32Array.of(2))]);
    const pid = await scarce.pid();
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const used = Number(/VmSize:\s+(\d+)/.exec(status)?.[1]) * 1024;
    const allow = (bytes: string) =>
      promisify(execFile)("prlimit", ["--pid", String(pid), `--as=${bytes}:unlimited`]);
    const MiB = 2 ** 20;
    const [one] = inPlaceJob(SQUARES, 64 * MiB, 1).resources;
    assert.ok(one?.kind === "buffer");
    const { input: _, ...buffer } = one;
    const large: GpuJob = {
      ...inPlaceJob(SQUARES, 64 * MiB, 1),
      resources: Array.from({ length: 8 }, (_, i) => ({ ...buffer, output: i === 0 })),
    };
    await allow(String(used + 200 * MiB));
    await assert.rejects(scarce.compute(large, []), code("MOC_LIMIT_MEMORY"));
    const filled = { ...large, resources: large.resources.map((each) => ({ ...each, input: 0 })) };
    await assert.rejects(
      scarce.compute(filled, [new Uint8Array(64 * MiB)]),
      code("MOC_LIMIT_MEMORY"),
    );
    await allow("unlimited");
    const { buffers } = await scarce.compute(large, []);
    assert.equal(buffers[0]?.length, 64 * MiB);
    assert.equal(await scarce.pid(), pid);
  } finally {
    await scarce.close();
  }
});

test("a caller that gives up is answered at once", { skip }, async () => {
  const gone = new AbortController();
  const short = new GpuHost({ jobTimeoutMs: 200 });
  try {
    const [job, buffers] = endless();
    const stuck = short.compute(job, buffers, { signal: gone.signal });
    gone.abort(new MocError("MOC_CANCELLED", "the client went away"));
    await assert.rejects(stuck, code("MOC_CANCELLED"));
    await assert.rejects(short.compute(job, buffers, { timeoutMs: 50 }), code("MOC_LIMIT_TIME"));
  } finally {
    await short.close();
  }
});
