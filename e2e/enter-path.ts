import assert from "node:assert/strict";
import { eventually } from "./scenario.ts";
import type { Workbench } from "./workbench.ts";

/** Names a file in the editor's own dialog, which fills in a folder of its own while it opens. */
export async function enterPath(bench: Workbench, path: string): Promise<void> {
  const input = bench.page.locator(".quick-input-widget input.input");
  await eventually(async () => {
    await input.fill(path);
    await bench.page.waitForTimeout(1000);
    assert.equal(await input.inputValue(), path);
  });
  await bench.quickInput().getByRole("button", { name: "OK", exact: true }).click();
}
