import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("moc.ts", import.meta.url));
const PACKAGE = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

test("the installed command is run by Node, and an older one says what is needed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "moc-installed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.deepEqual(PACKAGE.bin, { "my-own-cluster": "dist/moc.js", moc: "dist/moc.js" });
  const file = join(folder, "moc.mjs");
  await build({
    entryPoints: [ENTRY],
    outfile: file,
    format: "esm",
    bundle: true,
    external: ["./main.ts"],
  });
  assert.match(readFileSync(file, "utf8"), /^#!\/usr\/bin\/env node\n/);
  writeFileSync(join(folder, "main.ts"), `console.log("runs");`);
  const older = `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"22.9.0"}})`;
  const old = spawnSync(process.execPath, ["--import", older, file], { encoding: "utf8" });
  assert.equal(old.status, 1);
  assert.match(old.stderr, /^error: moc needs Node\.js 24 or newer, and this is 22\.9\.0 \(.*\n$/);
  const now = spawnSync(process.execPath, [file], { encoding: "utf8" });
  assert.equal(now.stdout, "runs\n");
});
