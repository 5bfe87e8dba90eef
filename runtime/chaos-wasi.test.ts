/**
 * WASI functions called with any numbers, reproducible by a seed as in chaos.test.ts: pointers and
 * lengths out of range, descriptors that are closed, vectors that point anywhere, files of 2^40 bytes.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { wasi } from "@bjorn3/browser_wasi_shim";
import { Dice, SEED, TIMES } from "./dice.fixture.ts";
import { WASI_IMPORTS } from "./engines/wasm/wasi/wasi-imports.ts";
import { startWithHello, type TestRuntime } from "./runtime.fixture.ts";

const LIMITS = { cpuMs: 2000, timeoutMs: 3000, memoryMiB: 16 };

let host: TestRuntime;
before(async () => {
  host = await startWithHello();
});
after(() => host[Symbol.asyncDispose]());

const NUMBERS = [
  0, 1, 2, 3, 4, 5, 6, 8, 64, 128, 1024, 1032, 4096, 65_528, 65_535, 65_536, 0x7fff_ffff, -1, -2,
  -8, -16, -65_536, -0x8000_0000,
];
/** In steps of 64 bytes from 0 on; their lengths are among the numbers. */
const TEXTS = ["a", "b/c", "/", "..", "../../etc/passwd", "api://input", "http://127.0.0.1:1/"];
/** At 1024: two vectors, one within the memory and one that is not. */
const VECTORS = String.raw`\00\02\00\00\10\00\00\00\f0\ff\ff\ff\ff\ff\ff\ff`;
/** They end or suspend the guest by design. */
const LEFT_OUT = new Set(["proc_exit", "proc_raise", "poll_oneoff"]);

interface Imported {
  readonly id: string;
  readonly line: string;
  readonly params: readonly string[];
}

const IMPORTS: readonly Imported[] = [...WASI_IMPORTS].flatMap(([module, functions]) =>
  [...functions]
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, { type }]) => {
      const id = `$${module}.${name}`;
      const params = `(param ${type.params.join(" ")})`;
      const line = `(import "${module}" "${name}" (func ${id} ${params} (result ${type.results.join(" ")})))`;
      return { id, line, params: type.params };
    }),
);

function hostileProgram(dice: Dice, calls: number): string {
  const argument = (type: string): string => {
    const texts = dice.below(3) === 0;
    return `(${type}.const ${texts ? dice.below(TEXTS.length) * 64 : dice.of(NUMBERS)})`;
  };
  const body = Array.from({ length: calls }, (_, index) => {
    const one = IMPORTS[index] ?? dice.of(IMPORTS);
    return `(drop (call ${one.id} ${one.params.map(argument).join(" ")}))`;
  });
  return program(body.join("\n"));
}

function program(body: string): string {
  const data = TEXTS.map((text, index) => `(data (i32.const ${index * 64}) "${text}")`);
  return `(module ${IMPORTS.map(({ line }) => line).join("\n")}
    (memory (export "memory") 1 2) ${data.join("\n")} (data (i32.const 1024) "${VECTORS}")
    (func (export "_start") ${body}))`;
}

async function assertWell(): Promise<void> {
  assert.equal((await host.get("/hello")).text, "hello");
  for (let tries = 0; host.runtime.calls.running > 0; tries++) {
    assert.ok(tries < 3000, "calls are left that do not end");
    await sleep(10);
  }
  const defects = host.runtime.logs
    .list({ limit: 100_000 })
    .filter(({ text }) => text.includes("MOC_INTERNAL"));
  assert.deepEqual(defects, []);
}

test("WASI calls with any arguments end, and others go on", async () => {
  const dice = new Dice(SEED + 5);
  for (let round = 0; round < 2 * TIMES; round++) {
    const names = Array.from({ length: 6 }, (_, index) => `wasi-${index}`);
    for (const name of names) {
      const wat = hostileProgram(dice, 4 * IMPORTS.length);
      await host.deploy({ name, wat, settings: { mode: "posix", limits: LIMITS } });
    }
    for (const { status, json, text } of await Promise.all(names.map((n) => host.get(`/${n}`)))) {
      assert.ok(status < 400 || json.code?.startsWith("MOC_"), `${status} ${text.slice(0, 300)}`);
      assert.notEqual(json.code, "MOC_INTERNAL", text);
    }
  }
  await assertWell();
});

/** Opens a new file below the root as descriptor $fd, and does something with it for ever. */
const withFile = (what: string) => `(local $fd i32)
  (if (call $wasi_snapshot_preview1.path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 9) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 2048)) (then unreachable))
  (local.set $fd (i32.load (i32.const 2048)))
  ${what}`;

const P1 = "$wasi_snapshot_preview1";
/** Each fails with an errno, which is written to where stdout's vector points. */
const HUGE: Readonly<Record<string, string>> = {
  "a file is set to 2^40 bytes": `(call ${P1}.fd_filestat_set_size (local.get $fd) (i64.const 0x10000000000))`,
  "2^40 bytes are allocated": `(call ${P1}.fd_allocate (local.get $fd) (i64.const 0) (i64.const 0x10000000000))`,
  "a byte is written at 2^40": `(call ${P1}.fd_pwrite (local.get $fd) (i32.const 1024) (i32.const 1) (i64.const 0x10000000000) (i32.const 2056))`,
  "a file is set to 2^62 bytes": `(call ${P1}.fd_filestat_set_size (local.get $fd) (i64.const 0x4000000000000000))`,
};

for (const [name, call] of Object.entries(HUGE)) {
  test(`virtual files are counted as memory: ${name}`, async () => {
    const body = withFile(`
      (i32.store8 (i32.const 512) (i32.add (i32.const 32) ${call}))
      (i32.store (i32.const 1028) (i32.const 1))
      (drop (call ${P1}.fd_write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 2064)))`);
    await host.deploy({
      name: "huge",
      wat: program(body),
      settings: { mode: "posix", limits: LIMITS },
    });
    const { text } = await host.get("/huge");
    const errnos = [wasi.ERRNO_FBIG, wasi.ERRNO_NOSPC];
    assert.ok(errnos.includes(text.charCodeAt(0) - 32), JSON.stringify(text.slice(0, 300)));
    await assertWell();
  });
}

test("virtual files are counted as memory: many that grow", async () => {
  const grow = `(loop $again
    (br_if $again (i32.eqz (call ${P1}.fd_allocate (local.get $fd) (i64.const 0)
      (i64.extend_i32_u (local.tee $size (i32.add (local.get $size) (i32.const 1000000))))))))`;
  const body = withFile(grow).replace("(local $fd i32)", "(local $fd i32) (local $size i32)");
  await host.deploy({
    name: "growing",
    wat: program(body),
    settings: { mode: "posix", limits: { ...LIMITS, cpuMs: 60_000, timeoutMs: 60_000 } },
  });
  const answers = await Promise.all(Array.from({ length: 8 }, () => host.get("/growing")));
  for (const { status, text } of answers) assert.equal(status, 200, text);
  await assertWell();
});

test("open files are bounded", async () => {
  const body = withFile(`
    (loop $again (br_if $again (i32.eqz (local.tee $errno (call ${P1}.path_open (i32.const 3) (i32.const 0)
      (i32.const 0) (i32.const 1) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 2048))))))
    (i32.store8 (i32.const 512) (i32.add (i32.const 32) (local.get $errno)))
    (i32.store (i32.const 1028) (i32.const 1))
    (drop (call ${P1}.fd_write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 2064)))`);
  await host.deploy({
    name: "opening",
    wat: program(body.replace("(local $fd i32)", "(local $fd i32) (local $errno i32)")),
    settings: { mode: "posix", limits: LIMITS },
  });
  const { text } = await host.get("/opening");
  assert.equal(text.charCodeAt(0) - 32, wasi.ERRNO_MFILE, JSON.stringify(text.slice(0, 300)));
});
