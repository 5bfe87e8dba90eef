import assert from "node:assert/strict";
import { test } from "node:test";
import { DIFF_LINES_MAX, diffLines } from "./line-diff.ts";

const marks = { same: " ", old: "-", new: "+" } as const;
const diff = (a: string, b: string) => diffLines(a, b).map((one) => marks[one.kind] + one.text);

test("only what differs is marked", () => {
  assert.deepEqual(diff("a\nb\nc", "a\nx\nc\nd"), [" a", "-b", "+x", " c", "+d"]);
  assert.deepEqual(diff("a", "a"), [" a"]);
  assert.deepEqual(diff("", "a"), ["-", "+a"]);
});

test("long texts are compared at their beginning", () => {
  const long = Array.from({ length: 2 * DIFF_LINES_MAX }, (_, index) => `line ${index}`).join("\n");
  assert.equal(diffLines(long, long).length, DIFF_LINES_MAX);
});
