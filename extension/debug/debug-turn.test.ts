import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DebugTurn } from "./debug-turn.ts";

test("one window at a time debugs a function, until it gives its turn or is gone", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "moc-turn-"));
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  t.after(async () => {
    other.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });
  await once(other, "spawn");
  const data = join(folder, "data");
  const turn = new DebugTurn(data, "/functions/hello");
  assert.equal(await turn.isTaken(), false);
  assert.equal(await turn.take(other.pid), true);
  assert.equal(await turn.take(), false);
  assert.equal(await turn.isTaken(), true);
  assert.equal(await new DebugTurn(data, "/functions/another").take(), true);

  await turn.give(other.pid);
  assert.equal(await turn.take(), true);
  await turn.give();

  assert.equal(await turn.take(other.pid), true);
  const exit = once(other, "exit");
  other.kill("SIGKILL");
  await exit;
  assert.equal(await turn.isTaken(), false);
  assert.equal(await turn.take(), true);
});
