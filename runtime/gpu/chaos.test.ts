/**
 * Callers, broken shaders, endless ones and kills of the process, all at once and by a seed: every call
 * ends in time, right or with an error that fits. MOC_SEED chooses others, MOC_CHAOS=20 does twenty
 * times as much.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MocError } from "../protocol/errors.ts";
import { GpuHost } from "./gpu-host.ts";
import {
  bytesOf,
  ENDLESS,
  floatsIn,
  glsl,
  inPlaceJob,
  openTestGpu,
  SQUARES,
  wgsl,
} from "./testing.ts";

const SEED = Number(process.env.MOC_SEED ?? 7);
const ROUNDS = 5 * Number(process.env.MOC_CHAOS ?? 1);
const CALLERS = 8;
/** Of one call, waiting included; an endless shader ends after its own limit. */
const CALL_MS = 4000;
const JOB_MS = 300;
/** Starting the process takes its time on a busy machine. */
const GRACE_MS = 10_000;

const probe = await openTestGpu();
await probe.host.close();
const { skip } = probe;

/** Numbers from 0 to below 1, always the same for a seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SYNTAX = wgsl("@compute @workgroup_size(1) fn main() { lt x = 1; }");
const TOO_LARGE = wgsl("@compute @workgroup_size(4096, 4) fn main() {}");
const WRONG_GLSL = glsl("#version 310 es\nvoid main() { nothere = 1; }\n");

/** One call, and the codes that it may fail with whatever happens around it. */
type Attempt = (host: GpuHost, random: () => number) => Promise<void>;

const squares: Attempt = async (host, random) => {
  const numbers = new Float32Array(1 + Math.floor(random() * 5000)).fill(random());
  const [first = 0] = numbers;
  const job = inPlaceJob(SQUARES, numbers.byteLength, Math.ceil(numbers.length / 64));
  const { buffers } = await host.compute(job, [bytesOf(numbers)], { timeoutMs: CALL_MS });
  const floats = floatsIn(buffers[0]);
  assert.equal(floats.length, numbers.length);
  assert.ok(floats.every((one) => one === Math.fround(first * first)));
};

const failing =
  (code: string, run: (host: GpuHost) => Promise<unknown>): Attempt =>
  async (host) => {
    const error = await run(host).then(
      () => undefined,
      (thrown: unknown) => MocError.from(thrown),
    );
    assert.ok(error, `${code} was expected`);
    if (error.code !== code) throw error;
  };

const ATTEMPTS: readonly Attempt[] = [
  squares,
  squares,
  squares,
  failing("MOC_SHADER_INVALID", (host) => host.inspect(SYNTAX, { timeoutMs: CALL_MS })),
  failing("MOC_SHADER_INVALID", (host) => host.inspect(WRONG_GLSL, { timeoutMs: CALL_MS })),
  failing("MOC_SHADER_INVALID", (host) =>
    host.compute(inPlaceJob(SYNTAX, 64, 1), [new Uint8Array(64)], { timeoutMs: CALL_MS }),
  ),
  failing("MOC_SHADER_BINDING", (host) =>
    host.compute({ ...inPlaceJob(TOO_LARGE, 64, 1), resources: [] }, [], { timeoutMs: CALL_MS }),
  ),
  failing("MOC_SHADER_BINDING", (host) =>
    host.compute(inPlaceJob(SQUARES, 0, 1), [new Uint8Array()], { timeoutMs: CALL_MS }),
  ),
  failing("MOC_LIMIT_TIME", (host) =>
    host.compute(inPlaceJob(ENDLESS, 64, 1), [new Uint8Array(64)], { timeoutMs: CALL_MS }),
  ),
];

/** What may befall a call because of others: the process ended, or there was no time left. */
const BY_OTHERS = ["MOC_GPU_LOST", "MOC_LIMIT_TIME"];

async function caller(host: GpuHost, random: () => number): Promise<string[]> {
  const ends: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const attempt = ATTEMPTS[Math.floor(random() * ATTEMPTS.length)] ?? squares;
    const started = performance.now();
    const end = await attempt(host, random).then(
      () => "ok",
      (error: unknown) => {
        if (error instanceof MocError && BY_OTHERS.includes(error.code)) return error.code;
        throw error;
      },
    );
    const tookMs = performance.now() - started;
    assert.ok(tookMs < CALL_MS * 2, `a call took ${Math.round(tookMs)} ms`);
    ends.push(end);
  }
  return ends;
}

async function killer(host: GpuHost, random: () => number, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await sleep(random() * 1500, undefined, { signal: stop }).catch(() => undefined);
    const pid = await host.pid().catch(() => undefined);
    try {
      if (pid !== undefined && random() < 0.5) process.kill(pid, "SIGKILL");
    } catch (error) {
      // It ended by itself in the meantime.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

test("whatever comes together, every call ends in time, and afterwards all is well", {
  skip,
}, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const host = new GpuHost({ jobTimeoutMs: JOB_MS });
  const stop = new AbortController();
  try {
    const killing = killer(host, randomFrom(SEED), stop.signal);
    const ends = await Promise.all(
      Array.from({ length: CALLERS }, (_, index) => caller(host, randomFrom(SEED + index + 1))),
    );
    stop.abort();
    await killing;
    assert.ok(ends.flat().includes("ok"));
    // The last kill may still be on its way.
    const deadline = performance.now() + GRACE_MS;
    for (;;) {
      const left = deadline - performance.now();
      const error = await squares(host, randomFrom(SEED)).catch((thrown: unknown) => thrown);
      if (!error) break;
      if (left < 0) throw error;
    }
  } finally {
    stop.abort();
    await host.close();
  }
});
