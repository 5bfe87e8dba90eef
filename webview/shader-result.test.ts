import assert from "node:assert/strict";
import { test } from "node:test";
import { numberGrid, sourceProblems } from "./shader-result.ts";

test("a texture's numbers keep their size and channels", () => {
  const grid = numberGrid({ width: 2, height: 1, channels: 4, values: [0, 0, 0, 1, 1, 1, 1, 1] });
  assert.equal(grid?.width, 2);
  assert.equal(grid?.channels, 4);
  assert.equal(grid?.values.length, 8);
});

test("lists become a square, rows keep their width", () => {
  assert.equal(numberGrid([1, 2, 3, 4, 5])?.width, 3);
  assert.equal(
    numberGrid([
      [1, 2, 3],
      [4, 5, 6],
    ])?.width,
    3,
  );
  assert.deepEqual([...(numberGrid({ a: [1], b: { c: 2 } })?.values ?? [])], [1, 2]);
  assert.equal(numberGrid({ text: "none" }), undefined);
  assert.equal(numberGrid(undefined), undefined);
});

test("positions are found in messages of a compiler", () => {
  assert.deepEqual(sourceProblems("a.wgsl:3:16: no conversion\na.wgsl:12:1: unknown name"), [
    { line: 3, column: 16, text: "no conversion" },
    { line: 12, column: 1, text: "unknown name" },
  ]);
  assert.deepEqual(sourceProblems("the parameter 'x' is missing"), []);
});
