import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type SavedDocument, SaveWatch } from "./save-watch.ts";

/** A document in a folder of its own, and what was told of its saves. */
async function setUp(t: TestContext, text: string) {
  const folder = await mkdtemp(join(tmpdir(), "moc-save-"));
  const fileName = join(folder, "index.js");
  const told: number[] = [];
  const first = Promise.withResolvers<void>();
  const watch = new SaveWatch(({ version }) => {
    told.push(version);
    first.resolve();
  });
  t.after(async () => {
    watch.dispose();
    await rm(folder, { recursive: true });
  });
  const document = (version: number): SavedDocument => ({
    fileName,
    version,
    getText: () => text,
  });
  return { fileName, told, first: first.promise, watch, document };
}

test("a save is told when its text is on disk, and not again by the editor", async (t) => {
  const { fileName, told, first, watch, document } = await setUp(t, "new text");
  await writeFile(fileName, "old");
  watch.will(document(2));
  await writeFile(fileName, "new text");
  await first;
  watch.did(document(2));
  assert.deepEqual(told, [2]);
});

test("what is not on disk as it should be is told by the editor alone", async (t) => {
  const { fileName, told, watch, document } = await setUp(t, "text");
  await writeFile(fileName, "old");
  watch.will(document(1));
  await writeFile(fileName, "\u{feff}text");
  await writeFile(fileName, "te");
  assert.deepEqual(told, []);
  watch.did(document(1));
  assert.deepEqual(told, [1]);
});

test("a new file, and a save without a warning, are told by the editor", async (t) => {
  const { told, watch, document } = await setUp(t, "text");
  watch.will(document(1));
  watch.did(document(1));
  watch.did(document(3));
  assert.deepEqual(told, [1, 3]);
});

test("an edit after the write is a save of its own", async (t) => {
  const { fileName, told, first, watch, document } = await setUp(t, "text");
  await writeFile(fileName, "old");
  watch.will(document(1));
  await writeFile(fileName, "text");
  await first;
  watch.did(document(2));
  assert.deepEqual(told, [1, 2]);
});
