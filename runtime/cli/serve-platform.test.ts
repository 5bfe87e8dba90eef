/** `moc serve` where this package has no machine code for the system. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../devkit/testing.ts";

const CLI = fileURLToPath(new URL("./main.ts", import.meta.url));

test("a system that the store was not built for is told in one sentence, with what to do", async (t) => {
  const folder = await temporaryFolder(t);
  // What looks for the build takes these for the system that it is on.
  const env = { ...process.env, npm_config_platform: "win32", npm_config_arch: "arm64" };
  const error = await new Promise<string>((resolve, reject) => {
    const args = [CLI, "serve", "--port", "0", "--data", folder];
    execFile(process.execPath, args, { env }, (exit, _, stderr) => {
      if (exit?.code === 1) resolve(stderr);
      else reject(new Error(`it ended with ${exit?.code}: ${stderr}`));
    });
  });
  assert.match(error, /^error: The store needs LevelDB .* no build of it for /);
  assert.match(error, /"npm rebuild classic-level --build-from-source"/);
  assert.match(error, /\[MOC_PLATFORM\]\n$/);
  assert.equal(error.split("\n").length, 2, error);
  // The lock was let go.
  assert.deepEqual(await readdir(folder), []);
});
