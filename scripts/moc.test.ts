import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

test("npm run moc works in the folder where it was typed", async (t) => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  await mkdir(join(root, ".cache"), { recursive: true });
  const folder = await mkdtemp(join(root, ".cache/moc-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const built = promisify(execFile)("npm", ["run", "-s", "moc", "--", "build"], { cwd: folder });
  await assert.rejects(built, (error: { readonly stderr?: string }) => {
    assert.ok(error.stderr?.includes(`There is no moc.json in ${folder}`), error.stderr);
    return true;
  });
});
