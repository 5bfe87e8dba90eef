/** Every builder with its real compiler; what is not installed is skipped, with what to install. */
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionProject } from "../manifest.ts";
import type { Manifest } from "../manifest-shape.ts";
import { temporaryFolder, writeFiles, writeProject } from "../testing.ts";
import type { BuildFailure, BuildSuccess } from "./builder.ts";
import { builderFor, closeBuilders } from "./list.ts";

after(closeBuilders);

type Files = Readonly<Record<string, string>>;

async function project(
  t: TestContext,
  manifest: Omit<Manifest, "name">,
  files: Files,
): Promise<FunctionProject | undefined> {
  const made = await writeProject(await temporaryFolder(t), { name: "try", ...manifest }, files);
  const status = await builderFor(made).check(made);
  if (status.ok) return made;
  assert.ok(status.install.length > 0);
  t.skip(`${status.missing} ${status.install}`);
  return undefined;
}

async function built(made: FunctionProject): Promise<BuildSuccess> {
  const result = await builderFor(made).build(made);
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  return result;
}

async function refused(made: FunctionProject): Promise<BuildFailure> {
  const result = await builderFor(made).build(made);
  assert.ok(!result.ok, "the source was expected not to compile");
  return result;
}

function exportsOf(bytes: Uint8Array): readonly string[] {
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return WebAssembly.Module.exports(module).map((one) => one.name);
}

/** Errors as `file:line:column code`, relative to the project. */
function places(made: FunctionProject, { diagnostics }: BuildFailure): readonly string[] {
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ file, line, column, code }) => {
      return `${file.slice(made.folder.length + 1)}:${line}:${column}${code ? ` ${code}` : ""}`;
    });
}

test("javascript: modules are bundled, scripts keep their global functions", async (t) => {
  const module = await project(
    t,
    { language: "javascript" },
    {
      "index.js": `import { greet } from "./lib.js";\nexport default { fetch: () => greet() };\n`,
      "lib.js": `export const greet = () => "hi";\nexport const unused = 1;\n`,
    },
  );
  if (!module) return;
  const { artifact, contentType } = await built(module);
  const text = new TextDecoder().decode(artifact);
  assert.equal(contentType, "text/javascript");
  assert.match(text, /export \{/);
  assert.doesNotMatch(text.split("//# source")[0] ?? "", /unused/);
  const [, base64 = ""] = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(text) ?? [];
  const map = JSON.parse(Buffer.from(base64, "base64").toString()) as { sources: string[] };
  assert.deepEqual(map.sources, ["lib.js", "index.js"]);
  const script = await project(
    t,
    { language: "javascript" },
    { "index.js": "function handle() { return 200 }\nfunction other() {}\n" },
  );
  if (!script) return;
  for (let round = 0; round < 2; round++) {
    const code = new TextDecoder().decode((await built(script)).artifact);
    assert.match(code, /function handle\(\)/);
    assert.match(code, /function other\(\)/);
  }
  await writeFiles(script.folder, { "index.js": "export const handle = () => 200;\n" });
  assert.match(new TextDecoder().decode((await built(script)).artifact), /export \{/);
});

test("javascript: errors have their column in UTF-16 units", async (t) => {
  const made = await project(
    t,
    { language: "javascript" },
    { "index.js": "const a = 'éé🙂' b;\n" },
  );
  if (!made) return;
  assert.deepEqual(places(made, await refused(made)), ["index.js:1:18"]);
  await writeFiles(made.folder, { "index.js": `import "./none.js";\n` });
  assert.deepEqual(places(made, await refused(made)), ["index.js:1:8"]);
  const advice = async (from: string): Promise<string | undefined> => {
    await writeFiles(made.folder, { "index.js": `import "${from}";\n` });
    return (await refused(made)).diagnostics[0]?.message;
  };
  assert.match((await advice("@no/such/part")) ?? "", /npm install @no\/such\)$/);
  assert.match((await advice("nosuch/part")) ?? "", /npm install nosuch\)$/);
  assert.match((await advice("node:fs")) ?? "", /the web's interfaces/);
});

test("typescript: types are stripped, the warm build sees a change", async (t) => {
  const made = await project(
    t,
    { language: "typescript" },
    { "src/index.ts": "export const handle = (): number => 200;\n" },
  );
  if (!made) return;
  assert.match(new TextDecoder().decode((await built(made)).artifact), /200/);
  await writeFiles(made.folder, { "src/index.ts": "export const handle = (): number => 201;\n" });
  assert.match(new TextDecoder().decode((await built(made)).artifact), /201/);
});

const C_DIRECT = {
  "main.c": `#include <stdlib.h>\n#include "x.h"\nint handle(void) { return malloc(X) ? 200 : 500; }\nint begin(void) { return 1; }\n`,
  "x.h": "#define X 3\n",
};
const C_WRONG = { "main.c": "int main(void) {\n  int unused;\n  return nothing;\n}\n" };

for (const compiler of ["clang", "yowasp-clang"] as const) {
  test(`c by ${compiler}: a reactor, a command, errors`, async (t) => {
    const plugs = [{ path: "/x", start: "begin" }];
    const direct = await project(t, { language: "c", compiler, plugs }, C_DIRECT);
    if (!direct) return;
    const exported = exportsOf((await built(direct)).artifact);
    assert.ok(["_initialize", "handle", "begin"].every((name) => exported.includes(name)));
    const main =
      '#include <stdio.h>\nint twice(int);\nint main(void) { return printf("hi") - twice(1); }\n';
    const posix = await project(
      t,
      { language: "c", compiler, mode: "posix" },
      { "main.c": main, "twice.c": "int twice(int x) { return 2 * x; }\n" },
    );
    if (!posix) return;
    assert.ok(exportsOf((await built(posix)).artifact).includes("_start"));
    const silent = await project(
      t,
      { language: "c", compiler },
      { "main.c": "static int f(void) { return 0; }\n\nint\nmain(void) { return f(); }\n" },
    );
    if (!silent) return;
    assert.ok(exportsOf((await built(silent)).artifact).includes("_start"));
    const wrong = await project(t, { language: "c", compiler, mode: "posix" }, C_WRONG);
    if (!wrong) return;
    const failure = await refused(wrong);
    assert.deepEqual(places(wrong, failure), ["main.c:3:10"]);
    await writeFiles(wrong.folder, {
      "main.c": "int no(void);\nint main(void) { return no(); }\n",
    });
    const unlinked = await refused(wrong);
    assert.match(unlinked.diagnostics[0]?.message ?? "", /undefined symbol: no/);
  });
}

test("c: a warning does not stop the build, and is told", async (t) => {
  const made = await project(
    t,
    { language: "c", mode: "posix" },
    { "main.c": "int main(void) { int unused; return 0; }\n" },
  );
  if (!made) return;
  const [warning] = (await built(made)).diagnostics;
  assert.equal(warning?.severity, "warning");
  assert.equal(warning?.code, "-Wunused-variable");
});

test("c without a C library, and with flags of its own", async (t) => {
  const made = await project(
    t,
    { language: "c", flags: ["-nostdlib", "-DANSWER=200"] },
    { "main.c": "int handle(void) { return ANSWER; }\n" },
  );
  if (!made) return;
  const exported = exportsOf((await built(made)).artifact);
  assert.ok(exported.includes("handle") && !exported.includes("_initialize"));
});

const RUST_PACKAGE = {
  "Cargo.toml":
    '[package]\nname = "f"\nversion = "0.1.0"\nedition = "2021"\n\n[lib]\ncrate-type = ["cdylib"]\n',
  "src/lib.rs": '#[no_mangle]\npub extern "C" fn handle() -> i32 { 200 }\n',
};

test("rust: direct by rustc alone, posix, errors", async (t) => {
  const direct = await project(
    t,
    { language: "rust" },
    { "src/lib.rs": '#[no_mangle]\npub extern "C" fn handle() -> i32 { 200 }\n' },
  );
  if (!direct) return;
  assert.ok(exportsOf((await built(direct)).artifact).includes("handle"));
  const posix = await project(
    t,
    { language: "rust", mode: "posix" },
    { "src/main.rs": 'fn main() { println!("hi"); }\n' },
  );
  if (!posix) return;
  assert.ok(exportsOf((await built(posix)).artifact).includes("_start"));
  await writeFiles(posix.folder, { "src/main.rs": 'fn main() {\n  let x: i32 = "a";\n}\n' });
  const failure = await refused(posix);
  assert.deepEqual(places(posix, failure), ["src/main.rs:2:16 E0308"]);
  assert.match(failure.output, /mismatched types/);
});

test("rust that says nothing of its mode: a main function makes a command", async (t) => {
  const files = { "main.rs": 'fn main() { println!("hi"); }\n' };
  const adopted = await project(t, { language: "rust" }, files);
  if (!adopted) return;
  assert.ok(exportsOf((await built(adopted)).artifact).includes("_start"));
  const named = await project(t, { language: "rust", start: "handle" }, files);
  if (!named) return;
  assert.ok(!exportsOf((await built(named)).artifact).includes("_start"));
});

test("rust with a Cargo.toml: by cargo where it works, else by rustc alone", async (t) => {
  const made = await project(t, { language: "rust" }, RUST_PACKAGE);
  if (!made) return;
  const { artifact, toolVersion } = await built(made);
  assert.ok(exportsOf(artifact).includes("handle"));
  t.diagnostic(toolVersion);
});

test("rust with a crate of the project's own, without the network: errors have their places", async (t) => {
  const made = await project(
    t,
    { language: "rust", compiler: "cargo" },
    {
      ...RUST_PACKAGE,
      "Cargo.toml": `${RUST_PACKAGE["Cargo.toml"]}\n[dependencies]\nanswer = { path = "answer" }\n`,
      "src/lib.rs": '#[no_mangle]\npub extern "C" fn handle() -> i32 { answer::answer() }\n',
      "answer/Cargo.toml": '[package]\nname = "answer"\nversion = "0.1.0"\n',
      "answer/src/lib.rs": "pub fn answer() -> i32 { 200 }\n",
    },
  );
  if (!made) return;
  const first = await builderFor(made)
    .build(made)
    .catch((error: MocError) => error);
  if (first instanceof MocError) {
    assert.equal(first.code, "MOC_TOOLCHAIN_MISSING");
    t.skip(first.message);
    return;
  }
  assert.ok(first.ok, JSON.stringify(first.diagnostics));
  assert.ok(exportsOf(first.artifact).includes("handle"));
  await writeFiles(made.folder, { "answer/src/lib.rs": 'pub fn answer() -> i32 { "no" }\n' });
  assert.deepEqual(places(made, await refused(made)), ["answer/src/lib.rs:1:26 E0308"]);
});

test("go: a command, a reactor, errors", async (t) => {
  const posix = await project(
    t,
    { language: "go", mode: "posix" },
    { "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hi") }\n' },
  );
  if (!posix) return;
  assert.ok(exportsOf((await built(posix)).artifact).includes("_start"));
  const { mode, ...silent } = posix.manifest;
  assert.equal(mode, "posix");
  const adopted = { ...posix, manifest: silent };
  assert.ok(exportsOf((await built(adopted)).artifact).includes("_start"));
  const reactor =
    "package main\n\n//go:wasmexport handle\nfunc handle() uint32 { return 200 }\n\nfunc main() {}\n";
  const direct = await project(
    t,
    { language: "go" },
    { "main.go": reactor, "go.mod": "module f\n\ngo 1.24\n" },
  );
  if (!direct) return;
  const exported = exportsOf((await built(direct)).artifact);
  assert.ok(exported.includes("handle") && exported.includes("_initialize"));
  await writeFiles(direct.folder, { "main.go": reactor.replace("200", "nothing") });
  assert.deepEqual(places(direct, await refused(direct)), ["main.go:4:31"]);
});

test("assemblyscript: a module, errors", async (t) => {
  const made = await project(
    t,
    { language: "assemblyscript" },
    { "assembly/index.ts": "export function handle(): i32 { return 200 }\n" },
  );
  if (!made) return;
  assert.ok(exportsOf((await built(made)).artifact).includes("handle"));
  // What the template's tsconfig.json builds on.
  const config = await readFile(join(made.folder, ".moc/assemblyscript.json"), "utf8");
  assert.match(await readFile(JSON.parse(config).extends, "utf8"), /"types": \[ *"assembly" *\]/);
  await writeFiles(made.folder, {
    "assembly/index.ts": "// é\nexport function handle(): i32 { return nothing }\n",
  });
  assert.deepEqual(places(made, await refused(made)), ["assembly/index.ts:2:40 TS2304"]);
});

test("wat: a module, errors", async (t) => {
  const made = await project(
    t,
    { language: "wat" },
    { "main.wat": '(module (func (export "handle") (result i32) i32.const 200))\n' },
  );
  if (!made) return;
  assert.deepEqual(exportsOf((await built(made)).artifact), ["handle"]);
  await writeFiles(made.folder, { "main.wat": "(module\n  (func (result i32) i32.const))\n" });
  assert.deepEqual(places(made, await refused(made)), ["main.wat:2:31"]);
});

test("shaders are their own artefact", async (t) => {
  const made = await project(t, { language: "wgsl" }, { "shader.wgsl": "// nothing\n" });
  assert.ok(made);
  const { artifact, contentType } = await built(made);
  assert.equal(contentType, "text/wgsl");
  assert.equal(new TextDecoder().decode(artifact), "// nothing\n");
});

test("custom: the command's output is the artefact, its failure is shown", async (t) => {
  const build = {
    command: "cat a.txt > out.js && echo main.c:3:1: warning: old",
    output: "out.js",
  };
  const made = await project(t, { language: "custom", build }, { "a.txt": "1" });
  assert.ok(made);
  const { artifact, contentType, diagnostics } = await built(made);
  assert.equal(new TextDecoder().decode(artifact), "1");
  assert.equal(contentType, "text/javascript");
  assert.equal(diagnostics[0]?.file, join(made.folder, "main.c"));
  await rm(join(made.folder, "a.txt"));
  const failure = await refused(made);
  assert.match(failure.output, /a\.txt/);
  assert.equal(failure.diagnostics[0]?.severity, "error");
});

test("custom: a command that does not write its output is told", async (t) => {
  const build = { command: "exit 0", output: "none.wasm" };
  const made = await project(t, { language: "custom", build }, {});
  assert.ok(made);
  await assert.rejects(builderFor(made).build(made), (error: MocError) => {
    return (
      error.code === "MOC_NOT_FOUND" && /none\.wasm, named by build\.output/.test(error.message)
    );
  });
});

test("custom: a million lines of errors are cut, endless output is ended, and both are told", async (t) => {
  const prints = (lines: number, line: string) => ({
    "print.mjs": `const text = ${JSON.stringify(`${line}\n`)}.repeat(1000);
      let left = ${lines / 1000};
      const go = () => (left-- > 0 ? process.stdout.write(text, go) : process.exit(1));
      go();`,
  });
  const build = { command: "node print.mjs", output: "none.wasm" };
  const custom = { language: "custom", build } as const;
  const many = await project(t, custom, prints(200_000, "a.c:1:1: error: no"));
  assert.ok(many);
  const failed = await refused(many);
  assert.equal(failed.diagnostics.length, 200);
  assert.ok(failed.output.length <= 20_000);
  const endless = await project(t, custom, prints(1_000_000, "never has it enough"));
  assert.ok(endless);
  await assert.rejects(builderFor(endless).build(endless), (error: MocError) => {
    return error.code === "MOC_BUILD_FAILED" && /printed more than 8 MiB/.test(error.message);
  });
});

test("prebuilt: the file itself", async (t) => {
  const made = await project(t, { language: "prebuilt", artifact: "x.wasm" }, { "x.wasm": "abc" });
  assert.ok(made);
  const { artifact, contentType } = await built(made);
  assert.deepEqual(artifact, await readFile(join(made.folder, "x.wasm")));
  assert.equal(contentType, "application/wasm");
});

test("a missing source says what to write", async (t) => {
  const made = await project(t, { language: "wat" }, {});
  assert.ok(made);
  await assert.rejects(builderFor(made).build(made), /write main\.wat or src\/main\.wat/);
  const named = await project(t, { language: "wat", source: "a.wat" }, {});
  assert.ok(named);
  await assert.rejects(
    builderFor(named).build(named),
    /a\.wat, named in moc\.json, does not exist/,
  );
});

test("a cancelled build is told as such, and the next one works", async (t) => {
  for (const compiler of ["clang", "yowasp-clang"] as const) {
    const made = await project(t, { language: "c", compiler, mode: "posix" }, C_WRONG);
    if (!made) return;
    const abort = new AbortController();
    const running = builderFor(made).build(made, { signal: abort.signal });
    abort.abort();
    await assert.rejects(running, (error: MocError) => error.code === "MOC_CANCELLED", compiler);
    await refused(made);
  }
});
