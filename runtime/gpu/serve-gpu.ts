import { setImmediate as afterEvents } from "node:timers/promises";
import { MocError } from "../protocol/errors.ts";
import { createCollector } from "./collector.ts";
import type { openDevice } from "./device.ts";
import { FileBytes, MessageBytes } from "./job-bytes.ts";
import { outputBytes } from "./job-check.ts";
import { JobRunner } from "./job-runner.ts";
import {
  type ComputeRequest,
  FIRST_SLOT_FD,
  type FromGpu,
  MESSAGE_BYTES,
  type ToGpu,
} from "./process-messages.ts";
import { send } from "./send.ts";

/** Drivers may hang while they are shut down, so nothing is. */
const end = (): void => void process.kill(process.pid, "SIGKILL");

/** Opens the adapter that the arguments name and serves requests until the channel closes. */
export async function serveGpu(open: typeof openDevice): Promise<void> {
  process.on("disconnect", end);
  const [, , chosen = "", adapter] = process.argv;
  const opened = await open(adapter, chosen);
  if ("cause" in opened) {
    await send({ kind: "absent", ...opened });
    return;
  }
  const runner = new JobRunner(opened);
  const collect = createCollector();
  let last = Promise.resolve();
  process.on("message", (message: ToGpu) => {
    last = last
      .then(() => serve(runner, message))
      .then(async (answer) => {
        // A lost device makes jobs fail in many ways: that it is lost goes first.
        if (answer.kind === "failed") await afterEvents();
        void send(answer);
      })
      .then(collect);
  });
  // Nothing works on a lost device: who waits is told why, and the process ends.
  opened.device.lost.then(async ({ message, reason }) => {
    const text = `the GPU device was lost: ${message || reason}`;
    await send({ kind: "lost", error: new MocError("MOC_GPU_LOST", text).toJSON() });
    end();
  });
  void send({ kind: "ready", description: opened.description });
}

async function serve(runner: JobRunner, message: ToGpu): Promise<FromGpu> {
  const { id } = message;
  if (!message.alone) void send({ kind: "begin", id });
  try {
    if (message.kind === "inspect") {
      return { kind: "inspected", id, shape: await runner.inspect(message.shader) };
    }
    if (message.kind === "check") {
      return { kind: "checked", id, findings: await runner.check(message.shader) };
    }
    return { kind: "computed", id, ...(await compute(runner, message)) };
  } catch (error) {
    return { kind: "failed", id, error: MocError.from(error).toJSON() };
  }
}

async function compute(runner: JobRunner, { job, sizes, slot, bytes }: ComputeRequest) {
  const file = new FileBytes(FIRST_SLOT_FD + slot);
  const outputs = job.resources.filter((one) => one.kind !== "sampler" && one.output);
  const length = outputs.reduce((sum, one) => sum + outputBytes(one), 0);
  // What is wrong with sizes is found by the runner.
  const few = length <= MESSAGE_BYTES ? new MessageBytes(new Uint8Array(length)) : undefined;
  const done = await runner.compute(
    job,
    sizes,
    bytes ? new MessageBytes(bytes) : file,
    few ?? file,
  );
  return few ? { ...done, bytes: few.bytes } : done;
}
