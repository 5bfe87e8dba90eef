import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "./parse-arguments.ts";
import { UsageError } from "./verb.ts";

const SPECS = {
  mode: { kind: "value", doc: "" },
  startFunction: { kind: "value", doc: "" },
  baseUrl: { kind: "value", doc: "" },
  trace: { kind: "flag", doc: "" },
  env: { kind: "list", doc: "" },
} as const;

const parse = (...args: readonly string[]) => parseArguments(args, SPECS);

test("options stand anywhere, with one dash or two, in any spelling", () => {
  for (const args of [
    ["f", "-start_function", "x", "1"],
    ["--start-function=x", "f", "1"],
    ["f", "1", "-startFunction", "x"],
  ]) {
    const { operands, options } = parse(...args);
    assert.deepEqual([operands, options.startFunction], [["f", "1"], "x"]);
  }
  assert.equal(parse("-baseUrl", "https://x").options.baseUrl, "https://x");
  assert.equal(parse("--base-url=").options.baseUrl, "");
  assert.equal(parse("-mode=a=b\nc").options.mode, "a=b\nc");
});

test("flags take no value, save the original's true and false", () => {
  assert.deepEqual([parse("--trace", "x").options.trace, parse("x").options.trace], [true, false]);
  assert.deepEqual(parse("-trace", "true", "x").operands, ["x"]);
  assert.equal(parse("-trace", "false").options.trace, false);
  assert.throws(() => parse("--trace=maybe"), UsageError);
});

test("lists gather, other options take the last", () => {
  const { options } = parse("--env", "A=1", "--env=B=2", "--mode", "a", "--mode", "b");
  assert.deepEqual([options.env, options.mode], [["A=1", "B=2"], "b"]);
  assert.deepEqual(parse().options.env, []);
});

test("two dashes end the options; numbers and a lone dash are operands; values may begin with a dash", () => {
  assert.deepEqual(parse("f", "-5", "-.5", "-", "--", "-l", "--", "--mode").operands, [
    ...["f", "-5", "-.5", "-", "-l", "--", "--mode"],
  ]);
  assert.equal(parse("--mode", "-x").options.mode, "-x");
});

test("help is asked for in three ways", () => {
  for (const word of ["-h", "--help", "-help"]) assert.equal(parse(word).help, true);
});

test("what is not known names the nearest; a value must follow", () => {
  assert.throws(() => parse("--mod", "x"), /there is no option --mod; did you mean --mode\?/);
  assert.throws(() => parse("--zzzzzz"), /there is no option --zzzzzz$/);
  assert.throws(() => parse("--mode"), /--mode needs a value/);
});
