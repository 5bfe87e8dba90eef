import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { DirectReads } from "../core/keyspace.ts";
import type { ToExecutor } from "../protocol/executor-messages.ts";
import type { GpuAnswer } from "../protocol/host-ops.ts";
import { BEACON, newBeacon } from "./beacon.ts";
import type { ChannelEvents, ExecutorChannel } from "./channel.ts";
import { ComputedTime } from "./computed-time.ts";
import { inspectThread } from "./inspect-thread.ts";
import { Outbox } from "./outbox.ts";
import type { ProcessMemory } from "./process-memory.ts";
import {
  type FromExecutorOnWire,
  packToExecutor,
  type ToExecutorOnWire,
  unpackFromExecutor,
} from "./wire.ts";

/** Beside the bundle it is a bundle of its own; from sources the file itself. */
const ENTRY = import.meta.url.endsWith(".ts")
  ? new URL("./thread.ts", import.meta.url)
  : new URL("./executor.js", import.meta.url);

const NONE: readonly never[] = [];

/**
 * What V8 may take for new objects before it looks which of them live. Left alone it takes up to 64
 * MiB a thread; half of this costs a tenth of the calls per second.
 */
const YOUNG_MIB = 24;

/** What the thread is given at birth. The beacon is the thread form of `progress()`. */
export interface ThreadData {
  readonly beacon: SharedArrayBuffer;
  /** See process-memory.ts. */
  readonly memory: SharedArrayBuffer;
  /** The key-value store, to be read in the thread itself. */
  readonly kv: DirectReads;
}

/** Starts an executor in a worker thread of this process. */
export function openThreadChannel(
  events: ChannelEvents,
  kv: DirectReads,
  memory: ProcessMemory,
): ExecutorChannel {
  const beacon = newBeacon();
  const data: ThreadData = { beacon: beacon.buffer, memory: memory.shared, kv };
  const worker = new Worker(ENTRY, {
    workerData: data,
    // No ambient authority: nothing of the operator's environment reaches the thread.
    env: compileCache(),
    execArgv: ["--no-warnings"],
    stdin: false,
    resourceLimits: {
      maxOldGenerationSizeMb: 512,
      maxYoungGenerationSizeMb: YOUNG_MIB,
      stackSizeMb: 4,
    },
  });
  const computed = new ComputedTime(() => Atomics.load(beacon, BEACON.thread));
  let ended = false;
  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    events.ended(reason);
  };
  worker.on("message", (batch: readonly FromExecutorOnWire[]) => {
    for (const packed of batch) if (!ended) events.message(unpackFromExecutor(packed));
  });
  worker.on("error", (error: Error) => end(`the executor crashed: ${error.message}`));
  worker.on("exit", (code) => {
    memory.freePages(Atomics.exchange(beacon, BEACON.pages, 0));
    end(`the executor exited with code ${code}`);
  });
  // The runtime's own server keeps the process alive, not its executors.
  worker.unref();

  // All that the sockets had for us in one turn of the event loop goes together.
  const outbox = new Outbox<ToExecutorOnWire>(
    (batch, transfer) => {
      if (!ended) worker.postMessage(batch, transfer);
    },
    (flush) => setImmediate(flush),
  );
  return {
    send: (message) => outbox.add(packToExecutor(message), ...movable(message)),
    async terminate() {
      end("the executor was ended");
      await worker.terminate();
    },
    progress: () => ({
      current: Atomics.load(beacon, BEACON.current),
      begun: Atomics.load(beacon, BEACON.begun),
      turns: Atomics.load(beacon, BEACON.turns),
    }),
    computedMs: () => computed.read(),
    inspect: (inspected) => inspectThread(worker, inspected),
  };
}

/**
 * What the GPU computed was made for this call alone. All else stays: a request body may be given to
 * several calls (filters), a blob to several executors.
 */
function movable(message: ToExecutor): readonly Uint8Array[] {
  if (message.kind !== "opResult") return NONE;
  const { value } = message;
  const isGpu =
    typeof value === "object" && value !== null && "json" in value && "buffers" in value;
  return isGpu ? (value as GpuAnswer).buffers : NONE;
}

/** Where the thread finds what V8 compiled of its code before; Node takes it from the environment. */
function compileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  // Node adds the folder of its own version again.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
