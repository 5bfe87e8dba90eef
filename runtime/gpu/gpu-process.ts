/**
 * Entry of the GPU host, a process of its own: a driver that crashes or hangs takes down nothing
 * else. Started by gpu-process-link.ts; ends with its channel.
 */
import { MocError } from "../protocol/errors.ts";
import { createCollector } from "./collector.ts";
import { openDevice } from "./device.ts";
import { JobRunner } from "./job-runner.ts";
import { FIRST_SLOT_FD, type FromGpu, type ToGpu } from "./process-messages.ts";

const send = (message: FromGpu): void => void process.send?.(message);

/** Drivers may hang while they are shut down, so nothing is. */
const end = (): void => void process.kill(process.pid, "SIGKILL");

async function main(): Promise<void> {
  process.on("disconnect", end);
  const [, , chosen = "", adapter] = process.argv;
  const opened = await openDevice(adapter, chosen);
  if ("reason" in opened) {
    send({ kind: "ready", description: { available: false, reason: opened.reason } });
    return;
  }
  const runner = new JobRunner(opened);
  const collect = createCollector();
  let current: number | undefined;
  let last = Promise.resolve();
  process.on("message", (message: ToGpu) => {
    last = last
      .then(() => {
        current = message.id;
        return serve(runner, message);
      })
      .then(collect);
  });
  // Nothing works on a lost device: the request in progress is told why, the rest by the exit.
  opened.device.lost.then(({ message, reason }) => {
    const error = new MocError("MOC_GPU_LOST", `the GPU device was lost: ${message || reason}`);
    if (current !== undefined) send({ kind: "failed", id: current, error: error.toJSON() });
    setImmediate(end);
  });
  send({ kind: "ready", description: opened.description });
}

async function serve(runner: JobRunner, message: ToGpu): Promise<void> {
  const { id } = message;
  if (!message.alone) send({ kind: "begin", id });
  try {
    if (message.kind === "inspect") {
      send({ kind: "inspected", id, shape: await runner.inspect(message.shader) });
      return;
    }
    if (message.kind === "check") {
      send({ kind: "checked", id, findings: await runner.check(message.shader) });
      return;
    }
    const file = FIRST_SLOT_FD + message.slot;
    const computed = await runner.compute(message.job, message.sizes, file);
    send({ kind: "computed", id, ...computed });
  } catch (error) {
    send({ kind: "failed", id, error: MocError.from(error).toJSON() });
  }
}

await main();
