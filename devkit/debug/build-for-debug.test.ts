/** Debug builds by the real compilers: where V8 says that a guest trapped must be the line that traps. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { after, type TestContext, test } from "node:test";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { builderFor, closeBuilders } from "../builders/list.ts";
import type { Manifest } from "../manifest-shape.ts";
import { temporaryFolder, writeProject } from "../testing.ts";
import { buildForDebug } from "./build-for-debug.ts";
import { readLineRows } from "./line-table.ts";
import { wasmSections } from "./wasm-sections.ts";

after(closeBuilders);

const C = `int twice(int n) {
  if (n > 3) {
    __builtin_trap();
  }
  return n * 2;
}

int handle(void) {
  int sum = twice(1);
  sum += twice(4);
  return sum;
}
`;

const RUST = `fn twice(n: i32) -> i32 {
    if n > 3 {
        core::arch::wasm32::unreachable();
    }
    n * 2
}

#[no_mangle]
pub extern "C" fn handle() -> i32 {
    let sum = twice(1);
    sum + twice(4)
}
`;

const ASSEMBLYSCRIPT = `function twice(n: i32): i32 {
  if (n > 3) {
    unreachable();
  }
  return n * 2;
}

export function handle(): i32 {
  const sum = twice(1);
  return sum + twice(4);
}
`;

/** Places of the guest's frames when it traps, innermost first, as \`file:line\`. */
async function trapOf(
  t: TestContext,
  manifest: Omit<Manifest, "name">,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[] | undefined> {
  const made = await writeProject(await temporaryFolder(t), { name: "try", ...manifest }, files);
  const status = await builderFor(made).check(made);
  if (!status.ok) {
    t.skip(status.missing);
    return undefined;
  }
  const build = await buildForDebug(made);
  assert.ok(build.ok, JSON.stringify(build.diagnostics));
  assert.equal(build.information, "lines");
  const module = new WebAssembly.Module(new Uint8Array(build.artifact));
  const { custom } = wasmSections(build.artifact);
  const url = new TextDecoder().decode(custom.get("sourceMappingURL"));
  const map = new TraceMap(Buffer.from(url.slice(url.indexOf(",") + 1), "base64").toString());
  const imports = Object.fromEntries(
    WebAssembly.Module.imports(module).map(({ module: from, name }) => [from, { [name]: () => 0 }]),
  );
  const { exports } = new WebAssembly.Instance(module, imports);
  try {
    (exports.handle as () => number)();
  } catch (error) {
    const offsets = String((error as Error).stack).matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g);
    return [...offsets].flatMap(([, hex = ""]) => {
      const { source, line } = originalPositionFor(map, {
        line: 1,
        column: Number.parseInt(hex, 16),
      });
      if (source === null) return [];
      assert.match(source, /^file:\/\//);
      return [`${basename(source)}:${line}`];
    });
  }
  return assert.fail("it should have trapped");
}

test("c by an installed clang", async (t) => {
  const places = await trapOf(t, { language: "c", compiler: "clang" }, { "main.c": C });
  if (places) assert.deepEqual(places.slice(0, 2), ["main.c:3", "main.c:10"]);
});

test("c by the clang that needs no installation", async (t) => {
  const places = await trapOf(t, { language: "c", compiler: "yowasp-clang" }, { "src/main.c": C });
  if (places) assert.deepEqual(places.slice(0, 2), ["main.c:3", "main.c:10"]);
});

test("rust by rustc", async (t) => {
  const places = await trapOf(t, { language: "rust" }, { "src/lib.rs": RUST });
  // The intrinsic itself is a frame of a library whose sources may be here.
  if (places) assert.deepEqual(places.slice(-2), ["lib.rs:3", "lib.rs:11"]);
});

test("rust by cargo", async (t) => {
  const files = {
    "Cargo.toml": `[package]\nname = "try"\nversion = "0.1.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n`,
    "src/lib.rs": RUST,
  };
  const places = await trapOf(t, { language: "rust", compiler: "cargo" }, files);
  if (places) assert.deepEqual(places.slice(-2), ["lib.rs:3", "lib.rs:11"]);
});

test("assemblyscript", async (t) => {
  const places = await trapOf(t, { language: "assemblyscript" }, { "index.ts": ASSEMBLYSCRIPT });
  if (places) assert.deepEqual(places.slice(0, 2), ["index.ts:3", "index.ts:10"]);
});

test("go: names of functions, no lines", async (t) => {
  const files = { "main.go": `package main\n\nfunc main() { println("hi") }\n` };
  const manifest: Manifest = { name: "g", language: "go", mode: "posix" };
  const made = await writeProject(await temporaryFolder(t), manifest, files);
  const status = await builderFor(made).check(made);
  if (!status.ok) return t.skip(status.missing);
  const build = await buildForDebug(made);
  assert.ok(build.ok, JSON.stringify(build.diagnostics));
  assert.equal(build.information, "names");
  const names = Buffer.from(wasmSections(build.artifact).custom.get("name") ?? []);
  assert.ok(names.includes("main.main"));
});

test("text of WebAssembly has names but no lines, and scripts have no debugger", async (t) => {
  const folder = await temporaryFolder(t);
  const text = `(module (func (export "handle") (result i32) i32.const 204))`;
  const wat = await writeProject(folder, { name: "w", language: "wat" }, { "main.wat": text });
  assert.equal((await buildForDebug(wat)).information, "names");
  const files = { "index.js": "function handle() {}" };
  const js = await writeProject(folder, { name: "j", language: "javascript" }, files);
  assert.equal((await buildForDebug(js)).information, "none");
});

test("damaged line tables end with an error, not with a loop", () => {
  const none = new Uint8Array();
  const read = (...bytes: number[]) =>
    readLineRows({ line: Uint8Array.from(bytes), lineTexts: none, texts: none }, "/x");
  assert.deepEqual(read(), []);
  assert.throws(() => read(255, 0, 0, 0), RangeError);
  assert.throws(() => read(2, 0, 0, 0, 5, 0), RangeError);
  assert.deepEqual(read(2, 0, 0, 0, 9, 0), []);
});
