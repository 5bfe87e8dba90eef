import assert from "node:assert/strict";
import { test } from "node:test";
import { generate } from "./generate.ts";

test("generated files are what their declarations say (npm run gen writes them)", async () => {
  assert.deepEqual(await generate(true), []);
});
