/** Guests that use the printed bindings on a real platform. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { readProject } from "../devkit/manifest.ts";
import { generateBindings } from "../runtime/bindings/generate.ts";
import { TEST_GUESTS } from "./bindings-guests.ts";
import { deployOrSkip, startPlatform } from "./testing.ts";

const platform = await startPlatform();
after(() => platform.close());

for (const guest of TEST_GUESTS) {
  test(`${guest.language}: large buffers, failures, lists and maps`, async (t) => {
    const folder = join(platform.folder, guest.language);
    const { path, language } = guest.binding;
    const name = `bindings-${guest.language}`;
    const manifest = {
      ...{ name, language: guest.language, source: guest.source, mode: "direct", start: "handle" },
      plugs: [{ path: `/${name}` }],
    };
    const files = {
      "moc.json": JSON.stringify(manifest),
      [guest.source]: guest.text,
      [path]: generateBindings("core", language).text,
      ...guest.more,
    };
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    if (!(await deployOrSkip(t, platform.client, await readProject(folder)))) return;
    const answer = await platform.client.fetchFunction({ path: `/${name}` });
    assert.deepEqual([answer.status, new TextDecoder().decode(answer.body)], [200, "ok"]);
  });
}
