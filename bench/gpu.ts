/** GPU functions over http against the same work done by a minimal program on `webgpu`. */
import { type ChildProcess, fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { deployProject } from "../devkit/deploy.ts";
import { readProject } from "../devkit/manifest.ts";
import { attemptsFor } from "../runtime/gpu/adapter-search.ts";
import {
  type BareWork,
  type ClientPlan,
  type GpuRounds,
  type GpuTimes,
  median,
} from "./gpu-work.ts";
import { type Instance, startInstance } from "./instance.ts";
import { residentBytes } from "./peers.ts";
import type { Report } from "./report.ts";

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const SIZES = { smallCount: 1024, largeCount: 2 ** 20, side: 1024 } as const;
const MiB = 2 ** 20;

/** Turns that the sides take, and rounds of each turn: what else the machine does meets both alike. */
const TURNS = 10;
const ROUNDS = { small: 20, squares: 6, mandelbrot: 4 } as const;

/** Calls before the measurement of lasting memory: what is kept of recent calls must be full… */
const LEAK_WARMUP = 6000;
/** …and in it. */
const LEAK_CALLS = 1000;
/** So often: what leaks grows each time, a heap that V8 makes larger only once. */
const LEAK_TIMES = 3;

/** A program that does rounds when told. */
type Side = ChildProcess;

export async function measureGpu(report: Report): Promise<void> {
  const instance = await startInstance();
  const sides: Side[] = [];
  try {
    const { gpu } = await instance.client.call("gpu");
    if (!(gpu as { available: boolean }).available) {
      console.log("gpu          skipped: no adapter");
      return;
    }
    for (const sample of ["gpu-compute", "mandelbrot-wgsl"]) {
      const project = await readProject(pathOf(`../samples/${sample}`));
      const { ok } = await deployProject(instance.client, project);
      if (!ok) throw new Error(`${sample} does not build`);
    }
    const { http, https, certificate } = instance;
    const bare = await startBare();
    const plain = startClient({ base: http, ...SIZES });
    const secure = startClient({ base: https, certificate, ...SIZES });
    sides.push(bare, plain, secure);
    await measureTimes(report, bare, plain, secure);
    await measureLeak(report, instance, plain);
  } finally {
    for (const side of sides) side.kill();
    await instance.stop();
  }
}

async function measureTimes(report: Report, bare: Side, plain: Side, secure: Side): Promise<void> {
  const names = {
    squares: "squares of 1 Mi floats",
    mandelbrot: "1024 x 1024 Mandelbrot as PNG",
  } as const;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  for (const kind of ["squares", "mandelbrot"] as const) {
    const [own = Number.NaN, other = Number.NaN, tls = Number.NaN] = (
      await inTurns(kind, [plain, bare, secure])
    ).map((times) => median(times.map((one) => one.total)));
    report.add({
      group: "gpu",
      name: `${names[kind]} over http`,
      value: own / other,
      unit: "x",
      target: { sense: "at most", limit: 1.25, of: "bare webgpu program" },
      note: `${ms(own)} against ${ms(other)}; over https ${ms(tls)}`,
    });
  }
  const [small = [], bareSmall = []] = await inTurns("small", [plain, bare]);
  const whole = median(small.map((one) => one.total));
  report.add({
    group: "gpu",
    name: "4 KiB, cached shader: beside the dispatch",
    value: median(small.map(({ total, dispatch = 0 }) => total - dispatch)),
    unit: "ms",
    target: { sense: "at most", limit: 3, of: "as little as a call may add" },
    note: `${ms(whole)} in all; the bare program ${ms(median(bareSmall.map((one) => one.total)))}`,
  });
}

/** The sides one after the other, again and again; first a round each that does not count. */
async function inTurns(kind: GpuRounds["kind"], sides: readonly Side[]): Promise<GpuTimes[]> {
  const all: GpuTimes[] = sides.map(() => []);
  for (const side of sides) await ask(side, { kind, rounds: 2 });
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [index, side] of sides.entries()) {
      const times = await ask(side, { kind, rounds: ROUNDS[kind] });
      all[index] = [...(all[index] ?? []), ...times];
    }
  }
  return all;
}

/** What 1,000 calls leave behind, in the runtime and in the GPU host: the median of several times. */
async function measureLeak(report: Report, { pid }: Instance, client: Side): Promise<void> {
  const gpuPid = await childOf(pid);
  await ask(client, { kind: "small", rounds: LEAK_WARMUP });
  const sizes = { runtime: [await residentBytes(pid)], "GPU host": [await residentBytes(gpuPid)] };
  for (let time = 0; time < LEAK_TIMES; time++) {
    await ask(client, { kind: "small", rounds: LEAK_CALLS });
    sizes.runtime.push(await residentBytes(pid));
    sizes["GPU host"].push(await residentBytes(gpuPid));
  }
  for (const [name, bytes] of Object.entries(sizes)) {
    const growths = bytes.slice(1).map((end, index) => end - (bytes[index] ?? 0));
    report.add({
      group: "gpu",
      name: `growth of the ${name} in ${LEAK_CALLS} calls`,
      value: median(growths) / MiB,
      unit: "MiB",
      target: { sense: "at most", limit: 16, of: "flat" },
      note: `${bytes.map((one) => Math.round(one / MiB)).join(", ")} MiB resident`,
    });
  }
}

/** The GPU host is the only process that a runtime starts. */
async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return Number(children.trim().split(" ")[0]);
}

function ask(side: Side, wanted: GpuRounds): Promise<GpuTimes> {
  const { promise, resolve, reject } = Promise.withResolvers<GpuTimes>();
  const onExit = () => reject(new Error("a side of the comparison ended"));
  side.once("exit", onExit);
  side.once("message", (times: GpuTimes) => {
    side.off("exit", onExit);
    resolve(times);
  });
  side.send(wanted);
  return promise;
}

function startClient(plan: ClientPlan): Side {
  return fork(pathOf("gpu-client.ts"), [JSON.stringify(plan)]);
}

/** On the adapter that the GPU host would choose. */
async function startBare(): Promise<Side> {
  const work: BareWork = {
    squares: await readFile(pathOf("../samples/gpu-compute/squares.wgsl"), "utf8"),
    mandelbrot: await readFile(pathOf("../samples/mandelbrot-wgsl/mandelbrot.wgsl"), "utf8"),
    view: [-0.6, 0, 3, 200],
    ...SIZES,
  };
  for (const { env } of attemptsFor("", process.env)) {
    const side = fork(pathOf("gpu-bare.ts"), [JSON.stringify(work)], { env });
    const started = await new Promise<boolean>((resolve) => {
      side.once("message", () => resolve(true));
      side.once("exit", () => resolve(false));
    });
    if (started) return side;
  }
  throw new Error("the bare program finds no adapter");
}
