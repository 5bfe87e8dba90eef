import assert from "node:assert/strict";
import { test } from "node:test";
import { BOUND_MODULES } from "../../guest-api/bound-modules.ts";
import { NO_BUDGET } from "../memory-budget.ts";
import { Json } from "./host-value.ts";
import type { Machine } from "./machine.ts";
import { preludeImage } from "./prelude-image.ts";
import { makePutBack } from "./put-back.ts";
import { EVAL } from "./quickjs-abi.ts";
import { trackWrites } from "./track-writes.ts";
import { GRANULE_BYTES, MARKS, MARKS_ADDRESS, REACH_BYTES, WriteMarks } from "./write-marks.ts";

const LIMITS = { memoryPages: 512, stackBytes: 256 * 1024, cpuMs: 60_000, budget: NO_BUDGET };

/** What guests do, with a number in it that varies sizes and alignments. */
const GUESTS: readonly ((n: number) => string)[] = [
  (n) => `globalThis.a${n} = Array.from({ length: ${n * 7} }, (_, i) => ({ i, ["k" + i]: [i] }))`,
  (n) =>
    `let s = ""; for (let i = 0; i < ${n}; i++) s += String.fromCharCode(i * 37 + 40); s.split("").reverse().join(s)`,
  (n) => `new Uint8Array(${n * 311}).fill(${n % 255}).copyWithin(3, 1).slice(${n})`,
  (n) =>
    `new Float64Array(${n}).map((_, i) => i / 3).sort((a, b) => b - a); new DataView(new ArrayBuffer(${n + 8})).setFloat32(${n % 7}, 1.5)`,
  (n) =>
    `Array.prototype.p${n} = 1; Object.prototype.q${n} = {}; delete Array.prototype.map; JSON.parse = 1`,
  (n) => `"x".repeat(${n * 5}).replace(/(x+?)(?=x{${n % 9}})/g, (m) => m + "é€😀").match(/é/gu)`,
  (n) =>
    `JSON.parse(JSON.stringify({ a: [${n}, null, "\\u0000\\ud800", { b: ${n} / 7 }] }), (k, v) => v)`,
  (n) =>
    `const m = new Map(), w = new WeakMap(); for (let i = 0; i < ${n * 3}; i++) { const k = {}; m.set(k, i); w.set(k, m) } m.clear()`,
  (n) =>
    `function* g(k) { for (let i = 0; i < k; i++) yield i * k }; [...g(${n})].sort(() => 0).flat()`,
  (n) =>
    `(async () => { for (let i = 0; i < ${n}; i++) await i; for await (const x of [1, 2]) globalThis.z = x })()`,
  (n) => `(function f(d) { return d > 0 ? f(d - 1) + 1 : 0 })(${n * 5})`,
  (n) => `try { (function f() { f() })() } catch (e) { globalThis.e = e.stack + ${n} }`,
  (n) => `BigInt("9".repeat(${n + 1})) ** 3n % ${n + 1}n`,
  (n) =>
    `class A { #p = ${n}; static s = new A(); get p() { return this.#p++ } }; A.s.p; new (class extends A { x = super.p })()`,
  (n) =>
    `new Proxy({}, { get: (t, k) => k, set: () => true })["k${n}"]; Symbol.for("s${n}"); Reflect.ownKeys(globalThis)`,
  (n) =>
    `new Date(${n}e9).toISOString() + new Date().toLocaleString() + Math.random() + ${n}.5.toFixed(3) + parseFloat("${n}e-3")`,
  (n) =>
    `eval("var v${n} = function () { return arguments.length + ${n} }"); v${n}(1, 2); new Function("a", "return a")(${n})`,
  (n) =>
    `new Headers({ a: "${n}" }); new Request("https://x/" + ${n}, { method: "POST", body: "b" }).clone(); Response.json([${n}])`,
  (n) =>
    `const b = []; while (b.length < ${n % 20}) b.push(new Array(20000).fill(b.length)); b.length = 0`,
  (n) =>
    `Object.defineProperties(globalThis, { ["d${n}"]: { get() { return 1 }, configurable: true } }); Object.freeze(Map.prototype)`,
];

async function makeMachine(): Promise<{ machine: Machine; restore(): void; state(): Buffer }> {
  const { image } = await preludeImage(BOUND_MODULES, LIMITS.stackBytes, false);
  const machine = image.instantiate(LIMITS);
  const { heapBase, stackLow } = machine.module;
  return {
    machine,
    restore: () => image.restore(machine),
    state() {
      const bytes = Buffer.from(machine.bytes);
      bytes.fill(0, image.randomState, image.randomState + 8);
      return Buffer.concat([bytes.subarray(0, stackLow), bytes.subarray(heapBase)]);
    },
  };
}

/** The first address where two states differ, to be told instead of megabytes. */
function difference(state: Buffer, pristine: Buffer): number | undefined {
  const length = Math.min(state.length, pristine.length);
  if (!state.subarray(0, length).equals(pristine.subarray(0, length))) {
    return state.findIndex((byte, i) => byte !== pristine[i]);
  }
  const grown = state.subarray(length);
  return grown.equals(Buffer.alloc(grown.length)) ? undefined : length;
}

test("whatever a guest did, the marks lead to everything that it wrote", async () => {
  const { machine, restore, state } = await makeMachine();
  const pristine = state();
  let one = 1;
  for (let round = 0; round < 150; round++) {
    for (let steps = 1 + (round % 4); steps > 0; steps--) {
      one = (one * 48_271) % 2_147_483_647;
      const guest = GUESTS[one % GUESTS.length] as (n: number) => string;
      const code = guest((one >> 8) % 97);
      machine.freeValue(await machine.evaluate(code, "t", EVAL.SCRIPT));
      await machine.runJobs(() => false);
    }
    assert.equal(machine.fault, undefined);
    restore();
    assert.equal(difference(state(), pristine), undefined, `round ${round}`);
  }
});

test("what the host writes into a machine is marked, too", async () => {
  const { machine, restore, state } = await makeMachine();
  const pristine = state();
  const values = [7, 1.5, "text", "t".repeat(9000), "a\0b", true, undefined];
  for (let length = 0; length < 5000; length += 501) {
    for (const value of values) machine.newValue(value);
    machine.newValue(new Uint8Array(length).fill(1));
    machine.newValue(new Json(JSON.stringify("j".repeat(length))));
    machine.describeValue(machine.newValue("described"));
    restore();
    assert.equal(difference(state(), pristine), undefined);
  }
});

test("a file with instructions that are not known is refused", () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const section = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
  const drop = (...body: number[]) =>
    Uint8Array.of(...header, ...section, 10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b);
  assert.ok(trackWrites(drop(0x41, 0, 0x1a)).length > 0);
  // ref.null func
  assert.throws(() => trackWrites(drop(0xd0, 0x70, 0x1a)), /0xd0 that is not known/);
});

test("what is marked is put back, and nothing else; a far address stands for a near one", () => {
  const [machine, image] = [2, 1].map((pages) => new WebAssembly.Memory({ initial: pages * 8 }));
  assert.ok(machine && image);
  const memory = new Uint8Array(machine.buffer);
  new Uint8Array(image.buffer).fill(1);
  const marks = new WriteMarks(machine.buffer);
  const putBack = makePutBack(machine, image);
  const at = (granule: number) => granule * GRANULE_BYTES;
  const [statics, heap, end, top] = [at(100) + 10, at(400) + 10, at(600) + 10, at(900) + 10];
  /** What was changed, as ranges of addresses with the value that they have now. */
  const changes = (...written: readonly number[]) => {
    memory.fill(9);
    marks.clear();
    for (const address of written) marks.add(address, 2);
    putBack(statics, heap, end, top);
    assert.equal(marks.any(), false);
    memory.fill(9, MARKS_ADDRESS, MARKS_ADDRESS + MARKS);
    const found: number[][] = [];
    for (let i = 0; i < memory.length; i++) {
      if (memory[i] === 9) continue;
      const last = found.at(-1);
      if (last && last[1] === i && last[2] === memory[i]) last[1] = i + 1;
      else found.push([i, i + 1, memory[i] ?? 9]);
    }
    return found;
  };
  assert.deepEqual(changes(), []);
  assert.deepEqual(changes(at(5) + 1, at(7) - 1), [[at(5), at(8) + REACH_BYTES, 1]]);
  assert.deepEqual(changes(at(MARKS + 17)), [[at(17), at(18) + REACH_BYTES, 1]]);
  // What begins just before a range reaches into it; what ends just before it does not matter.
  assert.deepEqual(changes(heap - 20), [[heap, at(400) + REACH_BYTES, 1]]);
  assert.deepEqual(changes(heap - 20 - GRANULE_BYTES), []);
  // The ends of the ranges, and zeros beyond the image.
  assert.deepEqual(changes(statics - 4, statics + GRANULE_BYTES), [[at(100), statics, 1]]);
  assert.deepEqual(changes(end), [
    [at(600), end, 1],
    [end, at(601) + REACH_BYTES, 0],
  ]);
  assert.deepEqual(changes(top - 4, top + GRANULE_BYTES), [[at(900), top, 0]]);
});
