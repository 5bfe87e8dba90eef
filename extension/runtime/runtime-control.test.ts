import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { InstanceFile } from "../../runtime/protocol/model.ts";
import { plain } from "../say.ts";
import { RuntimeControl, type RuntimePort, type RuntimeState } from "./runtime-control.ts";

/** A data folder whose runtime is a record of what happened to it. */
class Folder implements RuntimePort {
  starts = 0;
  stops = 0;
  crash = true;
  fail: Error | undefined;
  owned = true;
  end: (code: number) => void = () => undefined;

  async ensure() {
    if (this.fail) throw this.fail;
    this.starts++;
    const instance: InstanceFile = {
      pid: this.starts,
      url: `https://127.0.0.1:${1000 + this.starts}`,
      port: 1000 + this.starts,
      token: "t",
      certificate: "",
      startedAt: String(this.starts),
      version: "0",
    };
    const { promise: ended, resolve } = Promise.withResolvers<number | undefined>();
    this.end = (code) => {
      resolve(code);
    };
    const stop = async (): Promise<void> => {
      this.stops++;
      this.end(0);
    };
    return { instance, owned: this.owned, ended, stop };
  }
  crashed = async () => this.crash;
  client = (instance: InstanceFile) => new Client({ baseUrl: instance.url });
}

function control(folder: Folder, check: () => void = () => undefined) {
  const states: RuntimeState[] = [];
  const changes = new EventEmitter();
  const runtime = new RuntimeControl({
    port: folder,
    onState: (state) => {
      states.push(state);
      changes.emit(state.kind);
    },
    check,
    say: plain,
    backOffMs: 1,
  });
  return { runtime, states, changes, kinds: () => states.map(({ kind }) => kind) };
}

test("ensure starts once, whoever asks and however often", async () => {
  const folder = new Folder();
  const { runtime, kinds } = control(folder);
  const [a, b] = await Promise.all([runtime.ensure(), runtime.ensure()]);
  assert.equal(a, b);
  assert.equal(await runtime.ensure(), a);
  assert.equal(folder.starts, 1);
  assert.deepEqual(kinds(), ["starting", "running"]);
  runtime.dispose();
  assert.equal(folder.stops, 0);
});

test("stop stops, and the end that follows is no crash", async () => {
  const folder = new Folder();
  const { runtime, kinds } = control(folder);
  await runtime.ensure();
  await runtime.stop();
  assert.deepEqual(kinds(), ["starting", "running", "stopped"]);
  assert.equal(runtime.client, undefined);
  await runtime.ensure();
  assert.equal(folder.starts, 2);
  runtime.dispose();
});

for (const owned of [true, false]) {
  test(`a crash of ${owned ? "our" : "an attached"} runtime restarts it`, async () => {
    const folder = new Folder();
    folder.owned = owned;
    const { runtime, changes } = control(folder);
    await runtime.ensure();
    const running = once(changes, "running");
    folder.end(137);
    await running;
    assert.equal(folder.starts, 2);
    runtime.dispose();
  });
}

test("a runtime that another window stopped is not started again", async () => {
  const folder = new Folder();
  folder.owned = false;
  folder.crash = false;
  const { runtime, changes } = control(folder);
  await runtime.ensure();
  const stopped = once(changes, "stopped");
  folder.end(0);
  await stopped;
  assert.equal(folder.starts, 1);
});

test("after five crashes in a row it gives up, and can be started by hand", async () => {
  const folder = new Folder();
  const { runtime, changes, kinds } = control(folder);
  changes.on("running", () => setImmediate(() => folder.end(1)));
  const failed = once(changes, "failed");
  await runtime.ensure();
  await failed;
  assert.equal(folder.starts, 6);
  assert.ok(runtime.state.kind === "failed" && runtime.state.crashed);
  assert.equal(kinds().filter((kind) => kind === "restarting").length, 10);
  changes.removeAllListeners("running");
  await runtime.ensure();
  assert.equal(runtime.state.kind, "running");
  runtime.dispose();
});

test("a start that fails says why, once for all who wait", async () => {
  const folder = new Folder();
  folder.fail = new MocError("MOC_DATA_LOCKED", "locked");
  const { runtime } = control(folder);
  await assert.rejects(runtime.ensure(), { code: "MOC_DATA_LOCKED" });
  assert.ok(runtime.state.kind === "failed" && !runtime.state.crashed);
});

test("where nothing may run nothing is started, and no failure is shown", async () => {
  const folder = new Folder();
  let trusted = false;
  const { runtime, kinds } = control(folder, () => {
    if (!trusted) throw new MocError("MOC_FORBIDDEN", "not trusted");
  });
  await assert.rejects(runtime.ensure(), { code: "MOC_FORBIDDEN" });
  assert.deepEqual([folder.starts, kinds()], [0, []]);
  trusted = true;
  await runtime.ensure();
  runtime.dispose();
});
