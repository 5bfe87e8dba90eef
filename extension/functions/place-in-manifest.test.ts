import assert from "node:assert/strict";
import { test } from "node:test";
import { placeInManifest } from "./place-in-manifest.ts";

const TEXT = `{
  "name": "rival",
  "plugs": [{ "path": "/hello/!who" }, { "path": "/hello" }]
}`;

test("an error is shown at the path that it names", () => {
  const message = "GET /hello is plugged for 'hello' already; choose another path for 'rival'";
  const column = TEXT.split("\n")[2]?.indexOf('"/hello" }') ?? 0;
  assert.deepEqual(placeInManifest(TEXT, message), {
    line: 3,
    column: column + 1,
    endLine: 3,
    endColumn: column + 9,
  });
});

test("one that names none is shown at the start", () => {
  const start = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  assert.deepEqual(placeInManifest(TEXT, "GET /other is taken"), start);
  assert.deepEqual(placeInManifest("", "anything"), start);
});
