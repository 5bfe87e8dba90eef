/**
 * Entry of the GPU host, a process of its own: a driver that crashes or hangs takes down nothing
 * else. Started by gpu-process-link.ts; ends with its channel.
 */
import { openDevice } from "./device.ts";
import { paceDawn } from "./polling.ts";
import { serveGpu } from "./serve-gpu.ts";

paceDawn();
await serveGpu(openDevice);
