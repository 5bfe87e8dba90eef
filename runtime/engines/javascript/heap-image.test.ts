import assert from "node:assert/strict";
import { test } from "node:test";
import { BOUND_MODULES } from "../../guest-api/bound-modules.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { HeapImage } from "./heap-image.ts";
import { buildHeap, preludeImage } from "./prelude-image.ts";
import { EVAL } from "./quickjs-abi.ts";

const LIMITS = { memoryPages: 512, stackBytes: 256 * 1024, cpuMs: 5000, budget: NO_BUDGET };

test("an image that was written and read again makes the same machines", async () => {
  const bytes = await buildHeap(BOUND_MODULES, false);
  const { image } = await preludeImage(BOUND_MODULES, LIMITS.stackBytes, false);
  const { key } = JSON.parse(Buffer.from(bytes.subarray(0, bytes.indexOf(10))).toString());
  const read = HeapImage.deserialize(image.module, bytes, key);
  assert.ok(read);
  const machine = read.instantiate(LIMITS);
  const value = await machine.evaluate(
    "[typeof fetch, 1 + 1, typeof URL].join()",
    "t",
    EVAL.SCRIPT,
  );
  assert.equal(machine.text(value), "function,2,function");
});

test("an image of another prelude, or a damaged one, is not used", async () => {
  const { image } = await preludeImage(BOUND_MODULES, LIMITS.stackBytes, false);
  const bytes = image.serialize("mine");
  assert.equal(HeapImage.deserialize(image.module, bytes, "other"), undefined);
  assert.equal(HeapImage.deserialize(image.module, bytes.subarray(0, 5000), "mine"), undefined);
});

test("a restored machine is byte for byte what it was, but for its dice", async () => {
  const { image } = await preludeImage(BOUND_MODULES, LIMITS.stackBytes, false);
  const machine = image.instantiate(LIMITS);
  const { heapBase, stackLow } = machine.module;
  const snapshot = () => {
    const bytes = Buffer.from(machine.bytes);
    bytes.fill(0, image.randomState, image.randomState + 8);
    // The stack between static data and heap holds nothing while the machine is at rest.
    return Buffer.concat([bytes.subarray(0, stackLow), bytes.subarray(heapBase)]);
  };
  image.restore(machine);
  const before = snapshot();
  for (let i = 0; i < 3; i++) {
    const code =
      "globalThis.x = Array.from({ length: 20000 }, (_, i) => ({ i })); Array.prototype.y = 1";
    await machine.evaluate(code, "t", EVAL.SCRIPT);
    image.restore(machine);
    const after = snapshot().subarray(0, before.length);
    assert.ok(after.equals(before));
  }
});

test("a machine that marks nothing is not saved", async () => {
  const { image } = await preludeImage(BOUND_MODULES, LIMITS.stackBytes, false);
  const machine = image.instantiate(LIMITS);
  machine.marks.clear();
  assert.throws(() => HeapImage.of(machine, image.randomState), /does not mark what it writes/);
});
