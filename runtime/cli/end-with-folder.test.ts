import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { endWithFolder } from "./end-with-folder.ts";

const CLI = fileURLToPath(new URL("main.ts", import.meta.url));

test("a file that is replaced by another one ends as one that is gone", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "moc-folder-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [file, other] = [join(folder, "lock"), join(folder, "other")];
  await writeFile(file, "same");
  await writeFile(other, "same");
  const ended = Promise.withResolvers<void>();
  await endWithFolder(file, ended.resolve);
  await rename(other, file);
  const alive = setInterval(() => undefined, 1000);
  await ended.promise;
  clearInterval(alive);
});

test("a runtime whose data folder is removed says so and stops", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "moc-folder-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const child = spawn(process.execPath, [CLI, "serve", "--port", "0", "--data", data]);
  t.after(() => child.kill("SIGKILL"));
  let printed = "";
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  for await (const text of child.stdout.setEncoding("utf8")) {
    printed += text;
    if (printed.includes("Stop it with Ctrl-C.")) break;
  }
  const exit = once(child, "exit");
  await rm(data, { recursive: true, force: true });
  const [code] = await exit;
  assert.equal(code, 1, told);
  assert.match(told, /the data folder .* was removed or replaced/);
});
