/** Races that real executors run into now and then, one after the other, by a channel that is told when to answer. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutorJob } from "../core/executors.ts";
import type { FunctionImage, ToExecutor } from "../protocol/executor-messages.ts";
import { type FunctionLimits, resolveLimits } from "../protocol/limits.ts";
import type { Capability } from "../protocol/model.ts";
import type { ChannelEvents, ExecutorChannel, Inspection, Progress } from "./channel.ts";
import { ExecutorPool } from "./pool.ts";

/** An executor that does nothing by itself but start. */
class Scripted implements ExecutorChannel {
  readonly sent: ToExecutor[] = [];
  progressNow: Progress = { current: 0, begun: 0, turns: 0 };
  ended = false;
  readonly #events: ChannelEvents;

  constructor(events: ChannelEvents) {
    this.#events = events;
    queueMicrotask(() => this.#events.message({ kind: "ready" }));
  }

  get calls(): number[] {
    return this.sent.flatMap((one) => (one.kind === "call" ? [one.call] : []));
  }

  get images(): FunctionImage[] {
    return this.sent.flatMap((one) => (one.kind === "load" ? [one.image] : []));
  }

  get image(): FunctionImage | undefined {
    return this.images.at(-1);
  }

  loaded(links: readonly string[] = []): void {
    this.#events.message({ kind: "loaded", links, memoryBytes: 0 });
  }

  result(call: number): void {
    this.#events.message({ kind: "result", call, result: 0, memoryBytes: 0 });
  }

  crash(): void {
    this.ended = true;
    this.#events.ended("crashed");
  }

  send(message: ToExecutor): void {
    this.sent.push(message);
    if (message.kind === "ping")
      queueMicrotask(() => this.#events.message({ ...message, kind: "pong" }));
  }

  async terminate(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.#events.ended("the executor was ended");
  }

  progress(): Progress {
    return this.progressNow;
  }

  computedMs(): number {
    return performance.now();
  }

  async inspect(): Promise<Inspection> {
    return { send: () => undefined, close: () => undefined };
  }
}

const channels: Scripted[] = [];
let pool: ExecutorPool;
afterEach(async () => {
  await pool.close();
  channels.length = 0;
});

function open(options: { executorsMax?: number; spares?: number } = {}): void {
  pool = new ExecutorPool({
    open: (events) => {
      const channel = new Scripted(events);
      channels.push(channel);
      return channel;
    },
    executorsMax: 8,
    perFunctionMax: 2,
    spares: 1,
    serveLoading: () => ({
      serve: () => Promise.reject(new TypeError("nothing")),
      log: () => undefined,
    }),
    event: () => undefined,
    ...options,
  });
}

function image(
  name: string,
  limits: Partial<FunctionLimits> = {},
  capabilities: readonly Capability[] = [],
): FunctionImage {
  return {
    name,
    techID: name,
    contentType: "text/javascript",
    bytes: new Uint8Array(0),
    settings: { capabilities },
    limits: resolveLimits(limits),
  };
}

let lastCall = 0;
function run(of: FunctionImage, timeoutMs = 60_000): { id: number; end: Promise<string> } {
  const id = ++lastCall;
  const job: ExecutorJob = {
    message: {
      kind: "call",
      call: id,
      startFunction: "",
      mode: undefined,
      arguments: [],
      posixFileName: "",
      posixArguments: [],
      headers: "{}",
      messages: false,
      sink: false,
      trace: false,
    },
    timeoutMs,
    started: () => undefined,
    serve: () => Promise.resolve(),
    log: () => undefined,
  };
  const end = pool.run(of, job).then(
    () => "ok",
    (error) => String(error.code),
  );
  return { id, end };
}

const turns = () => sleep(1);
const with_ = (name: string) => channels.filter((one) => one.image?.name === name);
const alive = () => channels.filter((one) => !one.ended && one.image);

test("an executor that was given to another function takes its calls, and its failures are its own", async () => {
  open({ executorsMax: 1 });
  const first = run(image("first"));
  await turns();
  const [executor] = with_("first");
  executor?.loaded(["library"]);
  await turns();
  executor?.result(first.id);
  assert.equal(await first.end, "ok");
  const other = image("second");
  const second = [run(other), run(other)];
  await turns();
  assert.deepEqual(with_("second"), [executor]);
  executor?.loaded();
  await turns();
  pool.nameMoved("library");
  await turns();
  assert.equal(executor?.ended, false, "what the first was linked with is nothing to the second");
  assert.equal(pool.status().find((one) => one.function === "second")?.calls, 2);
  if (executor) executor.progressNow = { current: second[0]?.id ?? 0, begun: 2, turns: 2 };
  executor?.crash();
  await turns();
  with_("second")
    .find((one) => !one.ended)
    ?.loaded();
  await turns();
  const redone = with_("second").find((one) => !one.ended);
  assert.deepEqual(redone?.calls, [second[1]?.id]);
  redone?.result(second[1]?.id ?? 0);
  assert.deepEqual(await Promise.all(second.map(({ end }) => end)), ["MOC_EXECUTOR_LOST", "ok"]);
});

test("a reload while an executor loads loses no call", async () => {
  open();
  const old = image("moving");
  const first = run(old);
  await turns();
  pool.nameMoved("moving");
  const [loading] = with_("moving");
  loading?.loaded();
  await turns();
  assert.deepEqual(loading?.calls, [first.id]);
  loading?.result(first.id);
  assert.equal(await first.end, "ok");
  await turns();
  assert.ok(loading?.ended, "it was its last call");
});

test("a version that was prepared takes the first call at once, and stays when the name moves to it", async () => {
  open();
  const old = image("f");
  const next: FunctionImage = { ...old, techID: "next" };
  const first = run(old);
  await turns();
  const [loadedOld] = with_("f");
  loadedOld?.loaded();
  await turns();
  assert.equal(pool.isInUse(old), true);
  assert.equal(pool.isInUse(next), false);
  const prepared = pool.prepare(next, true);
  await turns();
  const loadedNext = with_("f").find((one) => one.image === next);
  loadedNext?.loaded();
  await prepared;
  pool.nameMoved("f", next);
  const second = run(next);
  assert.deepEqual(loadedNext?.calls, [second.id]);
  loadedNext?.result(second.id);
  loadedOld?.result(first.id);
  assert.deepEqual(await Promise.all([first.end, second.end]), ["ok", "ok"]);
  await turns();
  assert.equal(loadedOld?.ended, true);
  assert.equal(loadedNext?.ended, false);
});

/** Loads a function and has it called once; its executor. */
async function serveOnce(of: FunctionImage): Promise<Scripted> {
  const { id, end } = run(of);
  await turns();
  const executor = channels.find((one) => one.image === of && !one.ended);
  assert.ok(executor);
  executor.loaded();
  await turns();
  executor.result(id);
  assert.equal(await end, "ok");
  return executor;
}

test("the executor of a version that is replaced serves the next one, without its function meanwhile", async () => {
  open({ spares: 2 });
  await turns();
  const first = await serveOnce(image("f"));
  pool.nameMoved("f");
  assert.equal(first.ended, false);
  assert.equal(first.sent.at(-1)?.kind, "unload");
  assert.deepEqual(
    pool.status().map((one) => one.function),
    ["", ""],
  );
  const users = [await serveOnce(image("g")), await serveOnce(image("h"))];
  assert.equal(channels.indexOf(first) < 2 && users.includes(first), true);
  await turns();
  pool.nameMoved("g");
  assert.equal(users[0]?.ended, true, "two others were started: there are enough");
});

test("the executor of the platform or of before a restore serves no other function", async () => {
  open({ spares: 2 });
  await turns();
  const api = await serveOnce(image("core-api", {}, ["platform"]));
  pool.nameMoved("core-api");
  assert.equal(api.ended, true);
  const guest = await serveOnce(image("f"));
  pool.renew();
  await turns();
  assert.equal(guest.ended, true);
});

test("a function of the platform gets an executor that no guest had", async () => {
  open({ spares: 2 });
  await turns();
  const guest = await serveOnce(image("f"));
  pool.nameMoved("f");
  assert.equal(guest.ended, false);
  for (const name of ["core-api", "core-dashboard"]) {
    const own = await serveOnce(image(name, {}, ["platform"]));
    assert.notEqual(own, guest);
    assert.equal(own.images.length, 1);
  }
  assert.equal(await serveOnce(image("g")), guest);
});

test("a linked function that moves while its user loads is linked anew", async () => {
  open();
  const user = image("user");
  const call = run(user);
  await turns();
  pool.nameMoved("library");
  with_("user")[0]?.loaded(["library"]);
  await turns();
  const [stale, fresh] = with_("user");
  assert.deepEqual(stale?.calls, []);
  assert.ok(stale?.ended);
  fresh?.loaded(["library"]);
  await turns();
  fresh?.result(call.id);
  assert.equal(await call.end, "ok");
});

test("a burst over many functions stays within the maximum, but never locks the platform out", async () => {
  open({ executorsMax: 3 });
  const calls = Array.from({ length: 20 }, (_, index) => run(image(`f${index}`)));
  await turns();
  assert.equal(alive().length, 3);
  const own = run(image("core-api", {}, ["platform"]));
  await turns();
  const [api] = with_("core-api");
  api?.loaded();
  await turns();
  api?.result(own.id);
  assert.equal(await own.end, "ok");
  const served = Promise.all(calls.map(({ end }) => end));
  let answered = 0;
  while (answered < 20) {
    for (const channel of alive()) {
      if (channel === api || channel.images.length === channel.calls.length) continue;
      channel.loaded();
      await turns();
      channel.result(channel.calls.at(-1) ?? 0);
      answered++;
    }
    assert.ok(alive().length <= 4, `${alive().length} alive`);
    await turns();
  }
  assert.deepEqual(new Set(await served), new Set(["ok"]));
  const guests = alive().filter((one) => one !== api);
  assert.ok(guests.length <= 4, `${guests.length} alive`);
  assert.equal(guests.flatMap((one) => one.images).length, 20, "one after the other in each");
  assert.deepEqual(
    api?.images.map(({ name }) => name),
    ["core-api"],
  );
});

test("when an executor is lost, what was begun fails and the rest runs elsewhere, whatever its order", async () => {
  open();
  const shared = image("shared");
  const calls = [run(shared), run(shared), run(shared)];
  await turns();
  const [first] = with_("shared");
  first?.loaded();
  await turns();
  assert.equal(first?.calls.length, 3);
  const [culprit = 0] = first?.calls ?? [];
  if (first) first.progressNow = { current: culprit, begun: 2, turns: 2 };
  first?.crash();
  await turns();
  const second = with_("shared").find((one) => !one.ended);
  second?.loaded();
  await turns();
  assert.deepEqual(second?.calls, [calls[2]?.id], "only what was not begun");
  second?.result(calls[2]?.id ?? 0);
  assert.deepEqual(await Promise.all(calls.map(({ end }) => end)), [
    "MOC_EXECUTOR_LOST",
    "MOC_EXECUTOR_LOST",
    "ok",
  ]);
});

test("a call that is given up while others compute costs nobody else anything", async () => {
  open();
  const shared = image("busy");
  const [patient, gone] = [run(shared), run(shared, 20)];
  await turns();
  const [executor] = with_("busy");
  executor?.loaded();
  assert.equal(await gone.end, "MOC_LIMIT_TIME");
  assert.equal(executor?.ended, false);
  executor?.result(gone.id);
  executor?.result(patient.id);
  assert.equal(await patient.end, "ok");
});

test("waiting for a free executor ends with the call's time", async () => {
  open();
  const narrow = image("narrow", { concurrency: 1, timeoutMs: 30 });
  const first = run(narrow, Number.POSITIVE_INFINITY);
  await turns();
  with_("narrow")[0]?.loaded();
  await turns();
  assert.equal(await run(narrow).end, "MOC_LIMIT_TIME");
  with_("narrow")[0]?.result(first.id);
  assert.equal(await first.end, "ok");
});
