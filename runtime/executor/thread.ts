/** Entry of an executor that lives in a worker thread. */
import { parentPort, workerData } from "node:worker_threads";
import { ENGINES } from "../engines/list.ts";
import { BOUND_MODULES } from "../guest-api/bound-modules.ts";
import type { FromExecutor, ToExecutor } from "../protocol/executor-messages.ts";
import { GuestExecutor } from "./guest-executor.ts";
import { Outbox } from "./outbox.ts";
import type { ThreadData } from "./thread-channel.ts";

if (!parentPort) throw new TypeError("thread.ts runs in a worker thread only");
const port = parentPort;
const beacon = new Int32Array((workerData as ThreadData).beacon);

const outbox = new Outbox<FromExecutor>((batch, transfer) => port.postMessage(batch, transfer));
const executor = new GuestExecutor(ENGINES, BOUND_MODULES, {
  send: (message, bytes) => outbox.add(message, bytes),
  running: (call) => Atomics.store(beacon, 0, call),
  begun: (call) => Atomics.store(beacon, 1, call),
});

port.on("message", (batch: readonly ToExecutor[]) => {
  for (const message of batch) executor.receive(message);
});
outbox.add({ kind: "ready" });
