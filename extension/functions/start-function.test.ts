import assert from "node:assert/strict";
import { test } from "node:test";
import { startFunctionLine } from "./start-function.ts";

test("start functions are found in each language", () => {
  const cases: readonly (readonly [string, string, string | undefined, number | undefined])[] = [
    ["javascript", "// fetch(\nexport default {\n  async fetch(request) {", undefined, 2],
    ["typescript", "\nexport default app;", undefined, 1],
    ["javascript", "function handler() {}\nfunction other() {}", "other", 1],
    ["rust", 'use x;\n#[no_mangle]\npub extern "C" fn handle() -> u32 {', undefined, 2],
    ["rust", "fn main() {", undefined, 0],
    ["c", "int handle(void);\nint handle(void) {", undefined, 1],
    ["go", "//go:wasmexport handle\nfunc handle() uint32 {", undefined, 1],
    ["wgsl", "@compute @workgroup_size(8)\nfn main() {}", undefined, 0],
    ["wat", '(module\n (func (export "handle")', undefined, 1],
    ["markdown", "handle()", undefined, undefined],
    ["javascript", "const a = 1;", undefined, undefined],
  ];
  for (const [language, text, start, line] of cases) {
    assert.equal(startFunctionLine(text, language, start), line, `${language}: ${text}`);
  }
});

test("a start name with signs of regular expressions is only a name", () => {
  assert.equal(startFunctionLine("function a() {}", "javascript", "(.*"), undefined);
});
