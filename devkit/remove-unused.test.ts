import assert from "node:assert/strict";
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { removeUnused } from "./remove-unused.ts";
import { temporaryFolder, writeFiles } from "./testing.ts";

const DAY_MS = 24 * 3600_000;

test("what was neither written nor read for long goes, in folders too; the rest stays", async (t) => {
  const folder = await temporaryFolder(t);
  const names = ["v1/old", "v1/read", "v2/new", "old"];
  await writeFiles(folder, Object.fromEntries(names.map((name) => [name, name])));
  const now = new Date();
  const long = new Date(Date.now() - 31 * DAY_MS);
  for (const name of ["v1/old", "old"]) await utimes(join(folder, name), long, long);
  await utimes(join(folder, "v1/read"), now, long);
  await removeUnused(folder, 30 * DAY_MS);
  const left = await readdir(folder, { recursive: true });
  assert.deepEqual(left.sort(), ["v1", join("v1", "read"), "v2", join("v2", "new")]);
  await removeUnused(join(folder, "nowhere"), DAY_MS);
});
