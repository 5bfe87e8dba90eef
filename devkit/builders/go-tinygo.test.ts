/**
 * TinyGo where moc.json asks for it. Where none is installed, a stand-in on the PATH takes its place:
 * it checks its arguments as TinyGo would, and prints errors in TinyGo's form.
 */
import assert from "node:assert/strict";
import { chmod, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { MocError } from "../../runtime/protocol/errors.ts";
import type { FunctionProject } from "../manifest.ts";
import { findExecutables } from "../system.ts";
import { temporaryFolder, writeFiles, writeProject } from "../testing.ts";
import { go } from "./go.ts";

const skip = process.platform === "win32" ? "the stand-in is a shell script" : false;

/** `(module (func (export "handle") (result i32) i32.const 200))` */
const MODULE =
  "\\0asm\\1\\0\\0\\0\\1\\5\\1\\140\\0\\1\\177\\3\\2\\1\\0\\7\\12\\1\\6handle\\0\\0\\12\\7\\1\\5\\0\\101\\310\\1\\13";

const STAND_IN = `#!/bin/sh
if [ "$1" = version ]; then
  echo "tinygo version 0.38.0 linux/amd64 (using go version go1.24.3 and LLVM version 19.1.2)"
  exit
fi
[ "$1" = build ] && [ "$GOOS$GOARCH" = "" ] || { echo "unexpected: $*"; exit 2; }
out=
for argument in "$@"; do
  [ "$previous" = -o ] && out=$argument
  previous=$argument
done
case "$*" in *-target=wasip1*) ;; *) echo "no target: $*"; exit 2 ;; esac
if grep -q nothing main.go; then
  printf '# function\\nmain.go:4:31: undefined: nothing\\n' >&2
  exit 1
fi
printf '%s' "$*" >arguments
printf '${MODULE}' >"$out"
`;

const MAIN = `package main

//go:wasmexport handle
func handle() uint32 { return 200 }

func main() {}
`;

/** A PATH with the stand-in, unless the real one is here. */
async function withTinygo(t: TestContext): Promise<boolean> {
  if ((await findExecutables("tinygo")).length > 0) return true;
  const folder = await temporaryFolder(t);
  await writeFiles(folder, { tinygo: STAND_IN });
  await chmod(join(folder, "tinygo"), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  t.after(() => {
    process.env.PATH = PATH;
  });
  return false;
}

async function tinyProject(t: TestContext, mode?: "posix"): Promise<FunctionProject> {
  return writeProject(
    await temporaryFolder(t),
    { name: "tiny", language: "go", compiler: "tinygo", ...(mode && { mode }) },
    { "main.go": MAIN, "go.mod": "module function\n\ngo 1.24\n" },
  );
}

test("tinygo builds a reactor and a command, and its errors have their places", {
  skip,
}, async (t) => {
  const isReal = await withTinygo(t);
  t.diagnostic(isReal ? "the real TinyGo" : "a stand-in: TinyGo is not installed");
  for (const mode of [undefined, "posix"] as const) {
    const project = await tinyProject(t, mode);
    const status = await go.check(project);
    assert.ok(status.ok && status.tool.startsWith("tinygo "), JSON.stringify(status));
    const build = await go.build(project);
    assert.ok(build.ok, JSON.stringify(build.diagnostics));
    const module = new WebAssembly.Module(new Uint8Array(build.artifact));
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    if (mode === undefined || !isReal) assert.ok(names.includes("handle"), names.join());
    if (!isReal) await assertArguments(project, mode === undefined);
  }
  const wrong = await tinyProject(t);
  await writeFiles(wrong.folder, { "main.go": MAIN.replace("200", "nothing") });
  const failed = await go.build(wrong);
  assert.equal(failed.ok, false);
  const [first] = failed.diagnostics;
  assert.deepEqual(
    [first?.file, first?.line, first?.column],
    [join(wrong.folder, "main.go"), 4, 31],
  );
});

async function assertArguments({ folder }: FunctionProject, reactor: boolean): Promise<void> {
  const said = await readFile(join(folder, "arguments"), "utf8");
  assert.equal(said.includes("-buildmode=c-shared"), reactor, said);
}

test("tinygo that is asked for and not there says how to install it; Go is not taken instead", {
  skip,
}, async (t) => {
  if ((await findExecutables("tinygo")).length > 0) {
    t.skip("TinyGo is installed");
    return;
  }
  await assert.rejects(go.build(await tinyProject(t)), (error: MocError) => {
    assert.equal(error.code, "MOC_TOOLCHAIN_MISSING");
    assert.match(
      error.message,
      /TinyGo, which moc\.json asks for, is not installed\. To install:\n\S/,
    );
    return true;
  });
});
