/** GPU functions over https against the same work done by a minimal program on `webgpu`. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect } from "../devkit/client.ts";
import { deployProject } from "../devkit/deploy.ts";
import { readProject } from "../devkit/manifest.ts";
import { attemptsFor } from "../runtime/gpu/adapter-search.ts";
import { GpuHost } from "../runtime/gpu/gpu-host.ts";
import { inPlaceJob, SQUARES } from "../runtime/gpu/testing.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import { startRuntime } from "../runtime/runtime.ts";
import {
  type BareResult,
  type BareWork,
  type ClientPlan,
  type ClientResult,
  ROUNDS,
} from "./gpu-work.ts";

const run = promisify(execFile);
const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const KiB = 1024;
const SMALL = (4 * KiB) / 4;
const LARGE = 2 ** 20;
const SIDE = 1024;
/** Calls before the measurement of lasting memory, until allocator and collector have settled… */
const LEAK_WARMUP = 2000;
/** …and in it. */
const LEAK_CALLS = 1000;

/** One line of the report. `target` is what the project asks for, in the same unit. */
export interface GpuBenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: number;
  readonly detail: string;
}

/** @returns undefined where there is no adapter */
export async function benchGpu(): Promise<readonly GpuBenchRow[] | undefined> {
  const leak = await measureLeak();
  if (!leak) return undefined;
  const ours = await measureOurs();
  const bare = await measureBare();
  const ms = (value: number) => value.toFixed(1);
  const against = (name: string, own: number, other: number): GpuBenchRow => ({
    name,
    value: own / other,
    unit: "x bare program",
    target: 1.25,
    detail: `${ms(own)} ms against ${ms(other)} ms`,
  });
  return [
    against("gpu: squares of 1 Mi floats over https", ours.squares.total, bare.squares),
    against(
      "gpu: 1024 x 1024 Mandelbrot as PNG over https",
      ours.mandelbrot.total,
      bare.mandelbrot,
    ),
    {
      name: "gpu: cached shader, 4 KiB, beside the dispatch",
      value: ours.small.total - ours.small.dispatch,
      unit: "ms",
      target: 3,
      detail: `${ms(ours.small.total)} ms over https; the bare program needs ${ms(bare.small)} ms`,
    },
    leak,
  ];
}

async function measureOurs(): Promise<Readonly<Record<keyof BareResult, ClientResult>>> {
  const folder = await mkdtemp(join(tmpdir(), "moc-bench-gpu-"));
  const runtime = await startRuntime({ dataFolder: folder, port: 0 });
  const client = await connect({ dataFolder: folder });
  try {
    for (const sample of ["gpu-compute", "mandelbrot-wgsl"]) {
      await deployProject(client, await readProject(pathOf(`../samples/${sample}`)));
    }
    const file = await readFile(join(folder, "instance.json"), "utf8");
    const { url, certificate }: InstanceFile = JSON.parse(file);
    const ask = (path: string, method: ClientPlan["method"], floats: number, rounds = ROUNDS) =>
      runClient({ url: `${url}${path}`, certificate, method, floats, rounds });
    return {
      small: await ask("/gpu-compute", "POST", SMALL, 8 * ROUNDS),
      squares: await ask("/gpu-compute", "POST", LARGE),
      mandelbrot: await ask(`/mandelbrot-wgsl?width=${SIDE}&height=${SIDE}`, "GET", 0),
    };
  } finally {
    client.close();
    await runtime.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runClient(plan: ClientPlan): Promise<ClientResult> {
  const { stdout } = await run(process.execPath, [pathOf("gpu-client.ts"), JSON.stringify(plan)]);
  return JSON.parse(stdout);
}

/** On the adapter that the GPU host would choose. */
async function measureBare(): Promise<BareResult> {
  const work: BareWork = {
    squares: await readFile(pathOf("../samples/gpu-compute/squares.wgsl"), "utf8"),
    mandelbrot: await readFile(pathOf("../samples/mandelbrot-wgsl/mandelbrot.wgsl"), "utf8"),
    view: [-0.6, 0, 3, 200],
    smallCount: SMALL,
    largeCount: LARGE,
    side: SIDE,
  };
  let failure: unknown;
  for (const { env } of attemptsFor("", process.env)) {
    try {
      const args = [pathOf("gpu-bare.ts"), JSON.stringify(work)];
      return JSON.parse((await run(process.execPath, args, { env })).stdout);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Memory of the GPU host after many calls, compared with before. */
async function measureLeak(): Promise<GpuBenchRow | undefined> {
  const host = new GpuHost();
  try {
    if (!(await host.describe()).available) return undefined;
    const bytes = new Uint8Array(64 * KiB);
    const job = inPlaceJob(SQUARES, bytes.length, bytes.length / 4 / 64);
    const calls = async (count: number) => {
      for (let call = 0; call < count; call++) await host.compute(job, [bytes]);
    };
    await calls(LEAK_WARMUP);
    const before = await residentBytes(await host.pid());
    await calls(LEAK_CALLS);
    const after = await residentBytes(await host.pid());
    return {
      name: `gpu: growth of the GPU host in ${LEAK_CALLS} calls`,
      value: (after - before) / KiB / KiB,
      unit: "MiB",
      target: 16,
      detail: `${Math.round(after / KiB / KiB)} MiB resident`,
    };
  } finally {
    await host.close();
  }
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) * KiB;
}
