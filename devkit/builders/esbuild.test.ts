import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { MocError } from "../../runtime/protocol/errors.ts";
import { temporaryFolder, writeFiles, writeProject } from "../testing.ts";
import { builderFor, closeBuilders } from "./list.ts";

after(closeBuilders);

test("a build that was given up does not end the next one, nor pass for it", async (t) => {
  const large = `export const part = [${"1, ".repeat(200_000)}];\n`;
  const manifest = { name: "try", language: "javascript" } as const;
  const made = await writeProject(await temporaryFolder(t), manifest, { "large.js": large });
  const builder = builderFor(made);
  const write = (version: string) =>
    writeFiles(made.folder, {
      "index.js": `import { part } from "./large.js";\nexport const handle = () => "${version}" + part;\n`,
    });
  for (let round = 0; round < 10; round++) {
    await write(`old ${round}`);
    const abort = new AbortController();
    // It may be done already.
    const old = builder
      .build(made, { signal: abort.signal })
      .catch((error: MocError) => assert.equal(error.code, "MOC_CANCELLED"));
    await new Promise((resolve) => setTimeout(resolve, round));
    await write(`new ${round}`);
    abort.abort();
    const result = await builder.build(made);
    assert.ok(result.ok, JSON.stringify(result.diagnostics));
    assert.match(new TextDecoder().decode(result.artifact), new RegExp(`"new ${round}"`));
    await old;
  }
});
