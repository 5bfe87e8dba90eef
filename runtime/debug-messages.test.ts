import assert from "node:assert/strict";
import { test } from "node:test";
import { answerForProcess, DebugMessages } from "./debug-messages.ts";

// Columns 8, 12, 16, 20: lines 3, 4, 3 of a.ts, and nothing.
const MAP = { version: 3, sources: ["file:///a.ts"], names: [], mappings: "QAEA,IACA,IADA,I" };

function scriptParsed(sourceMapURL: string): string {
  const params = {
    scriptId: "7",
    url: "wasm://wasm/1",
    scriptLanguage: "WebAssembly",
    codeOffset: 4,
  };
  return JSON.stringify({ method: "Debugger.scriptParsed", params: { ...params, sourceMapURL } });
}

function dataUrl(text: string): string {
  return `data:application/json;base64,${Buffer.from(text).toString("base64")}`;
}

function paused(scriptId: string, columnNumber: number): string {
  const callFrames = [{ location: { scriptId, lineNumber: 0, columnNumber } }];
  return JSON.stringify({ method: "Debugger.paused", params: { callFrames } });
}

test("a script with a map is shown without its language, any other one as it is", () => {
  const messages = new DebugMessages();
  const url = dataUrl(JSON.stringify(MAP));
  assert.deepEqual(JSON.parse(messages.toDebugger(scriptParsed(url))), {
    method: "Debugger.scriptParsed",
    params: { scriptId: "7", url: "wasm://wasm/1", sourceMapURL: url },
  });
  for (const other of ["", "https://example.org/x.map", dataUrl("{no json")]) {
    assert.equal(messages.toDebugger(scriptParsed(other)), scriptParsed(other));
  }
  const quoted = JSON.stringify({
    id: 1,
    result: { value: '"Debugger.scriptParsed" "WebAssembly"' },
  });
  assert.equal(messages.toDebugger(quoted), quoted);
});

test("a step goes over all code of the line, wherever it lies", () => {
  const messages = new DebugMessages();
  const step = JSON.stringify({ id: 3, method: "Debugger.stepOver", params: {} });
  assert.equal(messages.toExecutor(step), step);
  messages.toDebugger(scriptParsed(dataUrl(JSON.stringify(MAP))));
  messages.toDebugger(paused("7", 13));
  const at = (columnNumber: number) => ({ lineNumber: 0, columnNumber });
  const range = (start: number, end: number) => ({ scriptId: "7", start: at(start), end: at(end) });
  assert.deepEqual(JSON.parse(messages.toExecutor(step)).params.skipList, [range(12, 16)]);
  messages.toDebugger(paused("7", 9));
  const into = JSON.stringify({
    id: 4,
    method: "Debugger.stepInto",
    params: { breakOnAsyncCall: true },
  });
  assert.deepEqual(JSON.parse(messages.toExecutor(into)).params, {
    breakOnAsyncCall: true,
    skipList: [range(8, 12), range(16, 20)],
  });
  const out = JSON.stringify({ id: 5, method: "Debugger.stepOut" });
  assert.equal(messages.toExecutor(out), out);
  for (const elsewhere of [paused("8", 9), paused("7", 20), paused("7", 2)]) {
    messages.toDebugger(elsewhere);
    assert.equal(messages.toExecutor(step), step);
  }
});

test("functions of a mapped script are called as in its source", () => {
  const messages = new DebugMessages();
  messages.toDebugger(scriptParsed(dataUrl(JSON.stringify(MAP))));
  const frame = (functionName: string, scriptId: string) => ({
    functionName,
    location: { scriptId, lineNumber: 0, columnNumber: 9 },
    scopeChain: [{ type: "wasm-expression-stack" }, { type: "local" }, { type: "module" }],
    this: { type: "object", className: "global", objectId: "1" },
  });
  const scopeChain = [{ type: "local" }, { type: "module" }, { type: "wasm-expression-stack" }];
  const params = { callFrames: [frame("$twice", "7"), frame("$other", "8")], reason: "other" };
  const shown = JSON.parse(
    messages.toDebugger(JSON.stringify({ method: "Debugger.paused", params })),
  );
  assert.deepEqual(shown.params, {
    callFrames: [
      { ...frame("twice", "7"), scopeChain, this: { type: "undefined" } },
      frame("$other", "8"),
    ],
    reason: "other",
  });
});

test("a debugger is not told which process it is in, so that it cannot end it", () => {
  const ask = (expression: string) =>
    JSON.stringify({ id: 5, method: "Runtime.evaluate", params: { expression } });
  const known = ask(
    "typeof process === 'undefined' ? 'no' : ({ processId: process.pid, arch: 1 })",
  );
  assert.deepEqual(JSON.parse(answerForProcess(known) ?? ""), {
    id: 5,
    result: { result: { type: "undefined" } },
  });
  assert.equal(answerForProcess(ask("process.pid + 1")), undefined);
  assert.equal(answerForProcess(ask("1 + 1")), undefined);
});
