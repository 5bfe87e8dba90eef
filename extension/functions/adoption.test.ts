import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { checkManifest } from "../../devkit/manifest.ts";
import type { Say } from "../say.ts";
import { adoptionChoices, adoptionManifest } from "./adoption.ts";

const say: Say = (message, ...values) => [message, ...values].join(" ");

async function withFiles(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "moc-adopt-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("a folder is what its marker files say, then what its sources say", () =>
  withFiles({ "Cargo.toml": "", "src/lib.rs": "", "src/other.rs": "" }, async (folder) => {
    const choices = await adoptionChoices(folder, say);
    assert.deepEqual(
      choices.map(({ language, source }) => [language, source]),
      [
        ["rust", undefined],
        ["rust", "src/lib.rs"],
        ["rust", "src/other.rs"],
      ],
    );
  }));

test("package.json's main wins over other scripts; tests and configurations are no functions", () =>
  withFiles(
    {
      "package.json": '{"main":"./a.js"}',
      "a.js": "",
      "a.test.js": "",
      "b.config.js": "",
      "t.d.ts": "",
    },
    async (folder) => {
      const [first, ...rest] = await adoptionChoices(folder, say);
      assert.deepEqual([first?.language, first?.source], ["javascript", "a.js"]);
      assert.deepEqual(rest, []);
    },
  ));

test("a damaged package.json does not stand in the way", () =>
  withFiles({ "package.json": "{", "index.js": "" }, async (folder) => {
    assert.equal((await adoptionChoices(folder, say))[0]?.source, "index.js");
  }));

test("every choice makes a valid manifest", () =>
  withFiles(
    { "x.wasm": "", "index.html": "", "k.wgsl": "", "m.js": "", "public/a.txt": "" },
    async (folder) => {
      const choices = await adoptionChoices(folder, say);
      assert.deepEqual(
        new Set(choices.map(({ language }) => language)),
        new Set(["prebuilt", "static-site", "wgsl", "javascript"]),
      );
      for (const choice of choices) {
        const manifest = adoptionManifest({ ...choice, name: "a", path: "/a" });
        const { problems } = checkManifest(JSON.stringify(manifest), "/moc.json");
        assert.deepEqual(problems, [], choice.language);
      }
    },
  ));

test("lone files are known by their extension, others are not adopted", () =>
  withFiles({ "a.wasm": "", "b.txt": "" }, async (folder) => {
    assert.equal((await adoptionChoices(join(folder, "a.wasm"), say))[0]?.language, "prebuilt");
    assert.deepEqual(await adoptionChoices(join(folder, "b.txt"), say), []);
  }));
