/**
 * Entry of the GPU host, a process of its own: a driver that crashes or hangs takes down nothing
 * else. Started by gpu-process-link.ts; ends with its channel.
 */
import { paceDawn } from "./polling.ts";
import { send, serveGpu } from "./serve-gpu.ts";

paceDawn();
// Its addon may not fit the system (an old glibc): that is told, instead of a stack trace.
const opener = await import("./device.ts").catch((error: Error) => error);
if (opener instanceof Error) {
  const [reason = ""] = opener.message.split("\n");
  await send({ kind: "absent", cause: "addon", reason: `webgpu cannot be loaded: ${reason}` });
} else await serveGpu(opener.openDevice);
