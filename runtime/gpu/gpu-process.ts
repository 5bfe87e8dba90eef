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
  const lost = opened.device.lost.then((info): never => {
    throw new MocError("MOC_GPU_LOST", `the GPU device was lost: ${info.message || info.reason}`);
  });
  // Seen by the request in progress, or by nobody: either way the process is of no more use.
  lost.catch(() => setImmediate(end));
  const collect = createCollector();
  let last = Promise.resolve();
  process.on("message", (message: ToGpu) => {
    last = last.then(() => serve(runner, message, lost)).then(collect);
  });
  send({ kind: "ready", description: opened.description });
}

async function serve(runner: JobRunner, message: ToGpu, lost: Promise<never>): Promise<void> {
  const { id } = message;
  send({ kind: "begin", id });
  try {
    if (message.kind === "inspect") {
      const shape = await Promise.race([runner.inspect(message.shader), lost]);
      send({ kind: "inspected", id, shape });
      return;
    }
    const file = FIRST_SLOT_FD + message.slot;
    const computed = runner.compute(message.job, message.sizes, file);
    send({ kind: "computed", id, ...(await Promise.race([computed, lost])) });
  } catch (error) {
    send({ kind: "failed", id, error: MocError.from(error).toJSON() });
  }
}

await main();
