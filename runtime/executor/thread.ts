/** Entry of an executor that lives in a worker thread: wires its objects. */
import { parentPort, workerData } from "node:worker_threads";
import { ENGINES } from "../engines/list.ts";
import { BOUND_MODULES } from "../guest-api/bound-modules.ts";
import { openDirectReader } from "../storage/direct-reader.ts";
import { BEACON } from "./beacon.ts";
import { ownThreadId } from "./computed-time.ts";
import { type ExecutorPort, GuestExecutor } from "./guest-executor.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { ThreadMemory } from "./process-memory.ts";
import type { ThreadData } from "./thread-channel.ts";
import {
  type FromExecutorOnWire,
  packFromExecutor,
  type ToExecutorOnWire,
  unpackToExecutor,
} from "./wire.ts";

if (!parentPort) throw new TypeError("thread.ts runs in a worker thread only");
const port = parentPort;
const data = workerData as ThreadData;
const beacon = new Int32Array(data.beacon);
Atomics.store(beacon, BEACON.thread, ownThreadId());
const kv = await openDirectReader(data.kv);

const memory = new ThreadMemory(data.memory, beacon, BEACON.pages);

/** Answers of calls that end at once wait no longer for each other than this. */
const HOLD_MS = 0.2;

const outbox = new Outbox<FromExecutorOnWire>(
  (batch, transfer) => port.postMessage(batch, transfer),
  queueMicrotask,
);
const progress: ExecutorPort = {
  send: (message, bytes) => outbox.add(packFromExecutor(message), bytes),
  running(call) {
    Atomics.store(beacon, BEACON.current, call);
    Atomics.add(beacon, BEACON.turns, 1);
  },
  begun: () => Atomics.add(beacon, BEACON.begun, 1),
};
const executor = new GuestExecutor(ENGINES, BOUND_MODULES, progress, { kv, memory });

const inbox = new Inbox<ToExecutorOnWire>(
  (packed) => {
    outbox.flushOlder(HOLD_MS);
    executor.receive(unpackToExecutor(packed));
  },
  () => outbox.flush(),
);
port.on("message", (batch: readonly ToExecutorOnWire[]) => {
  outbox.hold();
  inbox.receive(batch);
});
outbox.add({ kind: "ready" });
