import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeVlq, encodeVlq } from "./vlq.ts";

test("numbers are written as source maps write them, and read back", () => {
  for (const [value, text] of [
    [0, "A"],
    [1, "C"],
    [-1, "D"],
    [15, "e"],
    [16, "gB"],
    [-1234, "ltC"],
  ] as const) {
    assert.equal(encodeVlq(value), text);
    assert.equal(decodeVlq(`${text},rest`)?.value, value);
  }
  const large = 2 ** 31 + 7;
  assert.deepEqual(decodeVlq(`${encodeVlq(large)}AA`), { value: large, length: 7 });
});

test("what is no number is none", () => {
  for (const text of ["", ";A", ",", "g", "gg"]) assert.equal(decodeVlq(text), undefined);
});
