/** Entry of a thread that checks one shader: compilers run away from the main thread, and can be ended. */
import { parentPort, workerData } from "node:worker_threads";
import type { ShaderSource } from "../protocol/gpu.ts";
import { checkWithoutDevice } from "./check-without-device.ts";

parentPort?.postMessage(await checkWithoutDevice(workerData as ShaderSource));
