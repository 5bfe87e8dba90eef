/** What an executor that does not answer is suspected of, by a channel that says how much it computed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExecutorJob } from "../core/executors.ts";
import { MocError } from "../protocol/errors.ts";
import type { FunctionImage, ResultMessage } from "../protocol/executor-messages.ts";
import { resolveLimits } from "../protocol/limits.ts";
import type { ChannelEvents, ExecutorChannel, Inspection, Progress } from "./channel.ts";
import { Executor } from "./executor.ts";

const CPU_MS = 100;
const TIMEOUT_MS = 1000;
/** How often the watchdog looks. */
const STEP_MS = 10;

const IMAGE: FunctionImage = {
  name: "guest",
  techID: "guest",
  contentType: "text/javascript",
  bytes: new Uint8Array(0),
  settings: {},
  limits: resolveLimits({ cpuMs: CPU_MS, timeoutMs: TIMEOUT_MS }),
};

/** It answers nothing, and computes when it is told to. */
class Silent implements ExecutorChannel {
  computed = 0;
  turns = 0;
  current = 0;
  terminated = false;
  readonly events: ChannelEvents;

  constructor(events: ChannelEvents) {
    this.events = events;
  }

  send(): void {}

  async terminate(): Promise<void> {
    this.terminated = true;
  }

  progress(): Progress {
    return { current: this.current, begun: this.turns, turns: this.turns };
  }

  computedMs(): number {
    return this.computed;
  }

  async inspect(): Promise<Inspection> {
    return { send: () => undefined, close: () => undefined };
  }
}

class Watched {
  readonly channel: Silent;
  readonly executor: Executor;
  readonly failures = new Map<number, string>();
  #now = performance.now();

  private constructor() {
    let channel: Silent | undefined;
    this.executor = new Executor(
      (events) => {
        channel = new Silent(events);
        return channel;
      },
      { idle: () => undefined, ended: () => undefined },
    );
    if (!channel) throw new TypeError("not opened");
    this.channel = channel;
  }

  static async start(...calls: number[]): Promise<Watched> {
    const watched = new Watched();
    const serve = { serve: () => Promise.reject(new TypeError("nothing")), log: () => undefined };
    const loaded = watched.executor.load(IMAGE, serve);
    watched.channel.events.message({ kind: "loaded", links: [], memoryBytes: 0 });
    await loaded;
    for (const call of calls) watched.#run(call);
    watched.channel.current = calls[0] ?? 0;
    watched.channel.turns = 1;
    return watched;
  }

  #run(call: number): void {
    const job = {
      message: { kind: "call", call, headers: "{}" },
      timeoutMs: TIMEOUT_MS,
      started: () => undefined,
      log: () => undefined,
    } as unknown as ExecutorJob;
    this.executor.run(job, {
      resolve: (_: ResultMessage) => this.failures.set(call, "none"),
      reject: (error: MocError) => this.failures.set(call, error.code),
      redo: () => this.failures.set(call, "again"),
    });
  }

  /** Time passes; of each step the guest computes so much. */
  pass(ms: number, computedOfStep: number): void {
    for (let at = 0; at < ms && !this.channel.terminated; at += STEP_MS) {
      this.#now += STEP_MS;
      this.channel.computed += computedOfStep;
      this.executor.check(this.#now, 0);
    }
  }
}

test("a thread that computes is ended at its limit, and its call blamed", async () => {
  const watched = await Watched.start(1, 2);
  watched.pass(CPU_MS - STEP_MS, STEP_MS);
  assert.equal(watched.channel.terminated, false);
  watched.pass(6 * STEP_MS, STEP_MS);
  assert.equal(watched.channel.terminated, true);
  assert.deepEqual(
    [...watched.failures],
    [
      [1, "MOC_LIMIT_CPU"],
      [2, "again"],
    ],
  );
});

test("a thread that is not let on a processor is not ended, and goes on when it is", async () => {
  const watched = await Watched.start(1);
  watched.pass(8 * CPU_MS, 0.5);
  assert.equal(watched.channel.terminated, false);
  watched.channel.events.message({ kind: "result", call: 1, result: 0, memoryBytes: 0 });
  assert.deepEqual([...watched.failures], [[1, "none"]]);
});

test("a thread that goes from call to call is not ended, however much it computes", async () => {
  const watched = await Watched.start(1, 2);
  for (let i = 0; i < 8; i++) {
    watched.channel.turns++;
    watched.pass(CPU_MS - STEP_MS, STEP_MS);
  }
  assert.equal(watched.channel.terminated, false);
});

test("time of a call is time on the clock, also on a busy machine: its caller is answered, its neighbour kept", async () => {
  const watched = await Watched.start(1, 2);
  watched.pass(TIMEOUT_MS / 2, 0);
  watched.executor.cancel(1, new MocError("MOC_CANCELLED", "nobody waits"));
  watched.pass(400, 0.5);
  assert.equal(watched.channel.terminated, false);
  assert.deepEqual([...watched.failures], [[1, "MOC_CANCELLED"]]);
  watched.channel.events.message({ kind: "result", call: 2, result: 0, memoryBytes: 0 });
  assert.equal(watched.failures.get(2), "none");
});

test("a cancelled call that computes on ends its executor", async () => {
  const watched = await Watched.start(1, 2);
  watched.pass(5 * STEP_MS, 1);
  watched.executor.cancel(1, new MocError("MOC_LIMIT_TIME", "its time is over"));
  watched.pass(100, STEP_MS);
  assert.equal(watched.channel.terminated, true);
  assert.deepEqual(
    [...watched.failures],
    [
      [1, "MOC_LIMIT_TIME"],
      [2, "again"],
    ],
  );
});
