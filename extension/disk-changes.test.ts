import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { DiskChanges } from "./disk-changes.ts";

/** A function's folder with some files, of which changes can be told. */
async function folderWith(t: TestContext, ...names: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "moc-disk-"));
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), "x");
  }
  const told: string[] = [];
  const heard = new EventTarget();
  let builtAt = 0;
  const changes = new DiskChanges({
    folderOf: (path) => (path.startsWith(folder) ? folder : undefined),
    builtAt: async () => {
      heard.dispatchEvent(new Event("looked"));
      return builtAt;
    },
    onChange: (path) => {
      told.push(path.slice(folder.length + 1));
      heard.dispatchEvent(new Event("told"));
    },
    quietMs: 10,
  });
  t.after(async () => {
    changes.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    told,
    builtNow: () => {
      builtAt = Date.now() + 1;
    },
    /** Tells that files changed, and waits for what comes of it. */
    changed: async (what: "looked" | "told", ...files: readonly string[]) => {
      const end = once(heard, what);
      for (const name of files) changes.changed(join(folder, name));
      await end;
    },
  };
}

test("files that change together are one change", async (t) => {
  const { told, changed } = await folderWith(t, "a.js", "src/b.js");
  await changed("told", "a.js", "src/b.js", "a.js");
  assert.deepEqual(told, ["a.js"]);
});

test("what was built since it changed is no news, what is deleted is", async (t) => {
  const { folder, told, builtNow, changed } = await folderWith(t, "saved.js", "gone.js");
  builtNow();
  await changed("looked", "saved.js");
  await rm(join(folder, "gone.js"));
  await changed("told", "saved.js", "gone.js");
  assert.deepEqual(told, ["gone.js"]);
});

test("what git ignores and what tools make is left alone", async (t) => {
  const names = ["node_modules/x/index.js", "notes.txt~", "out.js", "a.js"];
  const { folder, told, changed } = await folderWith(t, ...names);
  await writeFile(join(folder, ".gitignore"), "out.js\n");
  await changed("told", ...names);
  assert.deepEqual(told, ["a.js"]);
});
