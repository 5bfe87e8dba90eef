import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generatedFiles } from "./generated.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("generated files are what their declarations say; npm run gen writes them", async () => {
  for (const { path, content } of await generatedFiles(ROOT)) {
    const present = await readFile(join(ROOT, path), "utf8");
    assert.ok(present === content, `${path} is stale: run npm run gen`);
  }
});
