import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLines } from "./log-lines.ts";

test("bytes become lines, with characters cut in two put together", () => {
  const lines: string[] = [];
  const sink = new LogLines("info", (level, text) => lines.push(`${level}:${text}`));
  for (const byte of new TextEncoder().encode("é\r\n\nlast €")) sink.write(Uint8Array.of(byte));
  sink.close();
  sink.close();
  assert.deepEqual(lines, ["info:é", "info:", "info:last €"]);
});

test("a line that never ends is given in pieces", () => {
  const lines: string[] = [];
  const sink = new LogLines("warn", (_, text) => lines.push(text));
  sink.write(new Uint8Array(20_000).fill(97));
  assert.equal(lines.length, 1);
  sink.close();
  assert.equal(lines.join("").length, 20_000);
});
