import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { FrameLocator } from "playwright-core";

const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Fails when axe finds something in a webview's page that keeps people out. */
export async function assertAccessible(page: FrameLocator): Promise<void> {
  const body = await page.locator("body").elementHandle();
  const frame = await body?.ownerFrame();
  assert.ok(frame, "the page is gone");
  // As an expression of the debugger's: the page's own policy allows no script but its own.
  await frame.evaluate(`${await readFile(AXE, "utf8")}; undefined`);
  const found = await frame.evaluate<readonly Violation[]>(
    "axe.run(document.querySelector('body')).then(({ violations }) => violations)",
  );
  assert.deepEqual(
    found.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 200))]),
    [],
  );
}
