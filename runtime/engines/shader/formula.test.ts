import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./formula.ts";

const lookup = (name: string) => ({ n: 10, "input.length": 1000 })[name] ?? Number.NaN;

test("formulas compute what they say", () => {
  const cases: readonly [number | string, number][] = [
    [7, 7],
    ["7", 7],
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 4 - 3", 3],
    ["-n + 12", 2],
    ["ceil(input.length / 256)", 4],
    ["max(n, 3, 12)", 12],
    ["1.5e2", 150],
  ];
  for (const [formula, value] of cases) assert.equal(evaluate(formula, lookup), value);
});

test("anything else is refused", () => {
  for (const formula of [
    "",
    "1 +",
    "(1",
    "1)",
    "1 2",
    "n..x",
    "process.exit(1)",
    "constructor(1)",
    "n; n",
    "a=1",
  ]) {
    assert.throws(() => evaluate(formula, lookup), { code: "MOC_MANIFEST" }, formula);
  }
});
