import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { buildDashboard } from "./build.ts";

const GZIP_MAX = 350_000;

test("the bundle stays small", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "moc-webview-"));
  try {
    await buildDashboard(folder);
    const script = await readFile(join(folder, "dashboard.js"));
    const style = await readFile(join(folder, "dashboard.css"));
    const size = gzipSync(script).length + gzipSync(style).length;
    t.diagnostic(`dashboard.js and dashboard.css: ${(size / 1000).toFixed(1)} KB gzipped`);
    assert.ok(size < GZIP_MAX, `${size} bytes`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
