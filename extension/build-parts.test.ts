import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildParts } from "./build-parts.ts";

const run = promisify(execFile);

/** Whatever is asked of it is there, and answers likewise. */
const EDITOR = `const any = () => new Proxy(function () {}, {
  get: (target, name) => name === "then" ? undefined : Reflect.get(target, name) ?? any(),
  apply: any,
  construct: any,
});
module.exports = any();
`;

/** Loads the parts as an editor does, and calls something of the later one that fails. */
const LOAD = `const { basename } = require("node:path");
const parts = () => Object.keys(require.cache).map((one) => basename(one));
const main = require("./extension.cjs");
const first = parts();
const later = require("./extension-later.cjs");
const { MocError } = main["../runtime/protocol/errors.ts"];
const { runTool } = later["assistant/tools.ts"];
runTool("read_key", {}, undefined).catch((error) => {
  const { code } = error;
  const same = error instanceof MocError;
  console.log(JSON.stringify({ activate: typeof main.activate, first, code, same }));
});
`;

for (const minify of [false, true]) {
  const kind = minify ? "packaged" : "development";
  test(`the ${kind} bundle loads its later part when it is asked for, and shares its modules`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "moc-parts-"));
    t.after(() => rm(folder, { recursive: true }));
    const entry = fileURLToPath(new URL("./main.ts", import.meta.url));
    const mainFields = ["module", "main"];
    const external = ["vscode"];
    await buildParts(
      { bundle: true, minify, keepNames: true, mainFields, external },
      entry,
      folder,
    );
    await mkdir(join(folder, "node_modules", "vscode"), { recursive: true });
    await writeFile(join(folder, "node_modules", "vscode", "index.js"), EDITOR);
    await writeFile(join(folder, "load.cjs"), LOAD);

    const { stdout } = await run(process.execPath, ["load.cjs"], { cwd: folder });
    const { activate, first, code, same } = JSON.parse(stdout);
    assert.equal(activate, "function");
    assert.ok(!first.includes("extension-later.cjs"), "it is loaded with the extension");
    assert.equal(code, "MOC_BAD_REQUEST");
    assert.ok(same, "errors of the later part are of another class");
  });
}
