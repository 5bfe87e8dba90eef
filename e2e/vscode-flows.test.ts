/** The less trodden ways: from no function at all to a live one, each by its own button. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { clientOf, Editor, eventually } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import type { Workbench } from "./workbench.ts";

describe("the less trodden ways", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;
  let folder = "";

  before(async () => {
    editor = await Editor.start();
    if (typeof editor === "string") return;
    folder = await editor.workspace();
    bench = await editor.open(folder);
  });
  after(async () => {
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });
  const step = stepsIn(() => ({ editor, bench }));

  step("who deploys without a function is offered to create one", async (bench) => {
    await bench.showViews();
    await bench.status().waitFor();
    await bench.command("Deploy All Functions");
    const toast = bench.toast("There is no function here yet.");
    await toast.getByRole("button", { name: "Create Function…" }).click();
    await bench.quickInput().getByText("Create Function (1/3)").waitFor();
    // What most can read comes first.
    const [first] = await bench.page
      .locator(".quick-input-list .monaco-list-row")
      .allTextContents();
    assert.match(first ?? "", /^JavaScript/);
    await bench.page.keyboard.press("Escape");
  });

  step("the view's title creates a function, whose file keeps its tab", async (bench) => {
    const header = bench.page.locator('.pane-header[aria-label*="Functions"]');
    await header.hover();
    await header.getByRole("button", { name: "Create Function" }).click();
    await bench.enterByKeys("WGSL", /GPU shader/);
    await bench.quickInput().getByText("Name of the function").waitFor();
    await bench.enter("plasma");
    await bench.pick("moc-ws-");
    await bench.page.locator('.tab.active[aria-label*="shader.wgsl"]').waitFor();
    await live(bench, "plasma");
    await bench.row("Functions", "plasma").waitFor();
    assert.equal(await bench.page.locator(".tab.active .italic").count(), 0, "a preview tab");
  });

  step("the editor's title deploys", async (bench, editor) => {
    const client = clientOf(await editor.instance());
    try {
      const file = join(folder, "plasma/shader.wgsl");
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace("0.5 +", "0.4 +"));
      const revision = async (): Promise<number | undefined> =>
        (await client.call("name", { path: { name: "plasma" } })).name.history.length;
      const before = await revision();
      await bench.page
        .getByRole("button", { name: /^Deploy/ })
        .first()
        .click();
      await eventually(async () => assert.notEqual(await revision(), before));
    } finally {
      client.close();
    }
  });
});

/** The function has just become live, or is the one that is edited. */
async function live(bench: Workbench, name: string): Promise<void> {
  await bench
    .status()
    .getByText(new RegExp(`${name} live|moc: /${name}`))
    .waitFor();
}
