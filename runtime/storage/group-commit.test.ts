import assert from "node:assert/strict";
import { test } from "node:test";
import { keyText, type Operation, textKey } from "../core/keyspace.ts";
import { GroupCommit } from "./group-commit.ts";

const put = (key: string, value: Uint8Array = new Uint8Array()): Operation => ({
  type: "put",
  section: "kv",
  key: textKey(key),
  value,
});

/** A disk whose writes end when the test says so. */
class Disk {
  readonly writes: string[][] = [];
  #end: { resolve: () => void; reject: (error: Error) => void } | undefined;

  write = (operations: readonly Operation[]): Promise<void> => {
    this.writes.push(operations.map((one) => keyText(one.key)));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#end = { resolve, reject };
    return promise;
  };

  async end(error?: Error): Promise<void> {
    await turn();
    if (error) this.#end?.reject(error);
    else this.#end?.resolve();
    await turn();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("what waits together is written together, in order; nothing resolves before the disk", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.write);
  const done: string[] = [];
  const commit = (key: string) => commits.commit([put(key)]).then(() => done.push(key));
  const all = [commit("a"), commit("b")];
  await turn();
  all.push(commit("c"), commit("d"));
  await turn();
  assert.deepEqual([disk.writes, done], [[["a", "b"]], []]);
  await disk.end();
  assert.deepEqual(
    [disk.writes, done],
    [
      [
        ["a", "b"],
        ["c", "d"],
      ],
      ["a", "b"],
    ],
  );
  await disk.end();
  await Promise.all(all);
  assert.deepEqual(done, ["a", "b", "c", "d"]);
});

test("a failed write fails everybody in its group, and later ones go on", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.write);
  const results = Promise.allSettled([commits.commit([put("a")]), commits.commit([put("b")])]);
  await disk.end(new Error("disk full"));
  assert.deepEqual(
    (await results).map((one) => one.status),
    ["rejected", "rejected"],
  );
  const later = commits.commit([put("c")]);
  await disk.end();
  await later;
});

test("a change is worked out when all before it is on disk, and applied before the next", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.write);
  const log: string[] = [];
  const first = commits.commit([put("a")]).then(() => log.push("a done"));
  const change = (name: string) =>
    commits.transact(() => {
      log.push(`prepare ${name}`);
      return { operations: [put(name)], apply: () => log.push(`apply ${name}`), result: name };
    });
  const second = change("x");
  const third = change("y");
  const fourth = commits.commit([put("b")]);
  await turn();
  assert.deepEqual(log, []);
  await disk.end();
  assert.deepEqual(log, ["a done", "prepare x"]);
  await disk.end();
  assert.deepEqual(log.slice(2), ["apply x", "prepare y"]);
  assert.deepEqual(disk.writes, [["a"], ["x"], ["y", "b"]]);
  await disk.end();
  assert.deepEqual(await Promise.all([second, third]), ["x", "y"]);
  await Promise.all([first, fourth]);
});

test("a group stays below its size, whatever waits", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.write);
  const large = new Uint8Array(10 * 1024 * 1024);
  const all = ["a", "b", "c"].map((key) => commits.commit([put(key, large)]));
  for (const _ of all) await disk.end();
  await Promise.all(all);
  assert.deepEqual(disk.writes, [["a"], ["b"], ["c"]]);
});

test("a change without operations writes nothing", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.write);
  assert.equal(await commits.transact(() => ({ operations: [], result: 5 })), 5);
  await commits.idle();
  assert.deepEqual(disk.writes, []);
});
