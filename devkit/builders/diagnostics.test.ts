import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOfRelease } from "../system.ts";
import { clangDiagnostics } from "./clang-diagnostics.ts";
import { goDiagnostics } from "./go-diagnostics.ts";
import { rustDiagnostics } from "./rust-diagnostics.ts";
import { BARE_TARGET, chooseTarget, type RustToolchain, WASI_TARGETS } from "./rust-toolchain.ts";
import { DIAGNOSTICS_MAX, failure } from "./tool-result.ts";

test("clangDiagnostics: ranges, notes, flags, linker errors", () => {
  const text = [
    "a.c:3:5:{3:5-3:9}{4:1-4:2}: error: bad thing [-Wbad]",
    "lib/b.h:1:1: note: declared here",
    "C:\\x\\c.c:2:1: fatal error: 'q.h' file not found",
    "wasm-ld: error: /tmp/a-1.o: undefined symbol: f",
    "clang: error: linker command failed with exit code 1",
    "some other words",
  ].join("\r\n");
  const found = clangDiagnostics(text, "/p", "/p/a.c");
  assert.deepEqual(found[0], {
    file: "/p/a.c",
    line: 3,
    column: 5,
    endLine: 3,
    endColumn: 9,
    severity: "error",
    message: "bad thing\ndeclared here (/p/lib/b.h:1)",
    code: "-Wbad",
  });
  assert.equal(found[1]?.message, "'q.h' file not found");
  assert.deepEqual(found[2], {
    file: "/p/a.c",
    line: 1,
    column: 1,
    severity: "error",
    message: "undefined symbol: f",
  });
  assert.equal(found.length, 3);
});

test("goDiagnostics: wrapped and plain, continued lines", () => {
  const wrapped = ["# f\n", "./main.go:3:5: cannot use x\n", "\thave int\n"]
    .map((Output) => JSON.stringify({ ImportPath: "f", Action: "build-output", Output }))
    .join("\n");
  const [first] = goDiagnostics(wrapped, "/p");
  assert.equal(first?.message, "cannot use x\nhave int");
  assert.equal(first?.file, "/p/main.go");
  assert.equal(goDiagnostics("go.mod:5: bad\n", "/p")[0]?.column, 1);
});

test("rustDiagnostics: a label that repeats the message is left away", () => {
  const span = { file_name: "a.rs", line_start: 1, line_end: 1, column_start: 1, column_end: 2 };
  const line = (label: string) =>
    JSON.stringify({
      message: "expected `;`, found `}`",
      level: "error",
      spans: [{ ...span, is_primary: true, label }],
      children: [],
    });
  const text = `${line("expected `;`")}\n${line("add it here")}`;
  assert.deepEqual(
    rustDiagnostics(text, "/p", "/p/a.rs").map(({ message }) => message),
    ["expected `;`, found `}`", "expected `;`, found `}`: add it here"],
  );
});

test("rustDiagnostics: cargo's wrapping, messages without a place, damaged lines", () => {
  const message = { message: "linking failed", level: "error", spans: [], children: [] };
  const text = [
    JSON.stringify({ reason: "compiler-message", message }),
    JSON.stringify({ ...message, message: "aborting due to previous error" }),
    JSON.stringify({ reason: "build-finished", success: false }),
    '{"message":"cut',
  ].join("\n");
  const found = rustDiagnostics(text, "/p", "/p/src/lib.rs");
  assert.deepEqual(
    found.map(({ file, message }) => [file, message]),
    [["/p/src/lib.rs", "linking failed"]],
  );
});

test("chooseTarget prefers the target, then the order of the PATH", () => {
  const toolchain = (version: string, targets: readonly string[]): RustToolchain => ({
    rustc: `/${version}`,
    version,
    targets,
  });
  const all = [
    toolchain("1.95.0", []),
    toolchain("1.63.0", ["wasm32-wasi", BARE_TARGET]),
    toolchain("1.90.0", ["wasm32-wasip1"]),
  ];
  assert.equal(chooseTarget(all, WASI_TARGETS)?.toolchain.version, "1.90.0");
  assert.equal(chooseTarget(all, [BARE_TARGET])?.toolchain.version, "1.63.0");
  assert.equal(chooseTarget([], WASI_TARGETS), undefined);
});

test("failure has one error at least, and not too many", () => {
  const facts = { durationMs: 1, toolVersion: "x", file: "/p/a.c" };
  const none = failure({ ...facts, diagnostics: [], output: "\n it broke\nbadly" });
  assert.equal(none.diagnostics[0]?.message, "it broke");
  assert.equal(none.diagnostics[0]?.file, "/p/a.c");
  const one = { file: "/p", line: 1, column: 1, severity: "error", message: "x" } as const;
  const warnings = Array.from({ length: 1000 }, () => ({ ...one, severity: "warning" }) as const);
  const many = failure({ ...facts, diagnostics: [...warnings, one], output: "" });
  assert.equal(many.diagnostics.length, DIAGNOSTICS_MAX);
  assert.deepEqual(many.diagnostics.at(-2), one);
  assert.match(many.diagnostics.at(-1)?.message ?? "", /^802 more/);
});

test("kindOfRelease tells the families of systems apart", () => {
  assert.equal(kindOfRelease("ID=ubuntu\nID_LIKE=debian\n"), "debian");
  assert.equal(kindOfRelease('NAME="Rocky"\nID="rocky"\nID_LIKE="rhel centos fedora"\n'), "fedora");
  assert.equal(kindOfRelease("ID=arch\n"), "arch");
  assert.equal(kindOfRelease("ID=alpine\n"), "alpine");
  assert.equal(kindOfRelease(""), "other");
});

test("an output without places: the error and its deepest cause, not the first line", () => {
  const facts = { diagnostics: [], durationMs: 1, toolVersion: "cargo", file: "/f/Cargo.toml" };
  const first = (output: string) => {
    const [{ line, column, message } = { line: 0, column: 0, message: "" }] = failure({
      ...facts,
      output,
    }).diagnostics;
    return `${line}:${column} ${message}`;
  };
  const network = `    Updating crates.io index
error: failed to get \`x\` as a dependency of package \`function v0.1.0 (/f)\`

Caused by:
  failed to load source

Caused by:
  [7] Couldn't connect to server
`;
  assert.equal(
    first(network),
    "1:1 failed to get `x` as a dependency of package `function v0.1.0 (/f)`: [7] Couldn't connect to server",
  );
  const toml = `error: failed to parse manifest at \`/f/Cargo.toml\`

Caused by:
  TOML parse error at line 3, column 5
    |
  3 | name =
`;
  assert.match(
    first(toml),
    /^3:5 failed to parse manifest .*: TOML parse error at line 3, column 5$/,
  );
  assert.equal(first("\n  wasm-ld: out of luck\nmore\n"), "1:1 wasm-ld: out of luck");
  assert.equal(first(""), "1:1 the build failed without a message");
});
