/**
 * Entry of the GPU host, a process of its own: a driver that crashes or hangs takes down nothing
 * else. Started by gpu-process-link.ts; ends with its channel.
 */
import { paceDawn } from "./polling.ts";
import { send } from "./send.ts";

paceDawn();
// The addon may not fit the system (an old glibc): that is told, instead of a stack trace.
const parts = await Promise.all([import("./device.ts"), import("./serve-gpu.ts")]).catch(
  (error: Error) => error,
);
if (parts instanceof Error) {
  const [reason = ""] = parts.message.split("\n");
  await send({
    kind: "absent",
    cause: "addon",
    reason: `the GPU host cannot be loaded: ${reason}`,
  });
} else {
  const [{ openDevice }, { serveGpu }] = parts;
  await serveGpu(openDevice);
}
