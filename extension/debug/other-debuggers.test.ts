import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DebugTurn } from "./debug-turn.ts";
import { OtherDebuggers } from "./other-debuggers.ts";

test("a save waits until the other window gives its turn or is gone", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "moc-others-"));
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const data = join(root, "data");
  let ended = Promise.withResolvers<string>();
  const others = new OtherDebuggers({
    dataFolder: () => data,
    onEnd: (folder) => ended.resolve(folder),
  });
  t.after(async () => {
    others.dispose();
    other.kill("SIGKILL");
    await rm(root, { recursive: true });
  });
  await once(other, "spawn");
  const turn = new DebugTurn(data, "/functions/hello");
  assert.equal(await others.hold("/functions/hello"), false);

  assert.equal(await turn.take(other.pid), true);
  assert.equal(await others.hold("/functions/hello"), true);
  assert.equal(await others.hold("/functions/another"), false);
  await turn.give(other.pid);
  // What was saved before the turn was given waits until that has been seen.
  assert.equal(await others.hold("/functions/hello"), true);
  assert.equal(await ended.promise, "/functions/hello");
  assert.equal(await others.hold("/functions/hello"), false);

  ended = Promise.withResolvers();
  assert.equal(await turn.take(other.pid), true);
  assert.equal(await others.hold("/functions/hello"), true);
  other.kill("SIGKILL");
  assert.equal(await ended.promise, "/functions/hello");
});
