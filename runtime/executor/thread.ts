/** Entry of an executor that lives in a worker thread: wires its objects. */
import { parentPort, workerData } from "node:worker_threads";
import { ENGINES } from "../engines/list.ts";
import { BOUND_MODULES } from "../guest-api/bound-modules.ts";
import type { FromExecutor, ToExecutor } from "../protocol/executor-messages.ts";
import { openDirectReader } from "../storage/direct-reader.ts";
import { type ExecutorPort, GuestExecutor } from "./guest-executor.ts";
import { Outbox } from "./outbox.ts";
import type { ThreadData } from "./thread-channel.ts";

if (!parentPort) throw new TypeError("thread.ts runs in a worker thread only");
const port = parentPort;
const data = workerData as ThreadData;
const beacon = new Int32Array(data.beacon);
const kv = await openDirectReader(data.kv);

const outbox = new Outbox<FromExecutor>((batch, transfer) => port.postMessage(batch, transfer));
const progress: ExecutorPort = {
  send: (message, bytes) => outbox.add(message, bytes),
  running(call) {
    Atomics.store(beacon, 0, call);
    Atomics.add(beacon, 2, 1);
  },
  begun: () => Atomics.add(beacon, 1, 1),
};
const executor = new GuestExecutor(ENGINES, BOUND_MODULES, progress, kv);

port.on("message", (batch: readonly ToExecutor[]) => {
  for (const message of batch) executor.receive(message);
});
outbox.add({ kind: "ready" });
