import assert from "node:assert/strict";
import { test } from "node:test";
import { editDistance, nearest } from "./nearest.ts";

test("editDistance counts swaps of neighbours once", () => {
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("plugs", "plusg"), 1);
  assert.equal(editDistance("kitten", "sitting"), 3);
});

test("nearest finds what was meant, whatever its case, and nothing far away", () => {
  const words = ["plugs", "files", "filters", "limits"];
  assert.equal(nearest("Plug", words), "plugs");
  assert.equal(nearest("fliters", words), "filters");
  assert.equal(nearest("something", words), undefined);
  assert.equal(nearest("ts", ["c", "go"]), undefined);
  assert.equal(nearest("x", []), undefined);
  assert.equal(nearest("nope", ["core", "gpu"]), undefined);
  assert.equal(nearest("cre", ["core", "gpu"]), "core");
});

test("nearest finds the one word that a half written one begins", () => {
  const words = ["memoryMiB", "requestMiB", "responseMiB", "buffers"];
  assert.equal(nearest("memory", words), "memoryMiB");
  assert.equal(nearest("Response", words), "responseMiB");
  assert.equal(nearest("re", words), undefined);
  assert.equal(nearest("res", ["rest", "restore"]), "rest");
  assert.equal(nearest("rem", ["remote", "remove"]), undefined);
});
