import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readProject } from "../devkit/manifest.ts";
import { createFunction, listTemplates } from "../devkit/templates.ts";
import { deployAndTry, startPlatform } from "../samples/testing.ts";

const templates = await listTemplates();
const platform = await startPlatform();
// Below the repository, so that packages are found which a user would have npm install.
const cache = fileURLToPath(new URL("../.cache/", import.meta.url));
await mkdir(cache, { recursive: true });
const folder = await mkdtemp(join(cache, "templates-"));
after(async () => {
  await platform.close();
  await rm(folder, { recursive: true, force: true });
});

test("there is a template for every way to write a function", () => {
  const ids = templates.map((template) => template.id);
  for (const id of [
    ...["javascript", "javascript-classic", "typescript", "hono", "websocket", "static-site"],
    ...["c", "c-wasi", "rust", "rust-wasi", "go-wasi", "go-reactor", "assemblyscript", "wat"],
  ]) {
    assert.ok(ids.includes(id), `template ${id} is missing`);
  }
});

for (const template of templates) {
  test(template.id, async (t) => {
    // Dots, dashes and a digit in front: all that a name may have.
    const name = `2-try.${template.id}`;
    const created = await createFunction({ template, name, folder: join(folder, name) });
    assert.ok(created.files.includes(created.mainFile), `${template.open} is not there to open`);
    const project = await readProject(created.folder);
    assert.equal(project.manifest.name, name);
    await deployAndTry(t, platform.client, project);
  });
}
