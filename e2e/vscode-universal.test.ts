/** The package for all platforms: it does all but GPU work, and of that it says why not. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { clientOf, Editor, eventually, fetchText } from "./scenario.ts";
import { stepsIn } from "./steps.ts";
import { universalExtension } from "./vsix.ts";
import { wasiTool } from "./wasi-tool.ts";
import type { Workbench } from "./workbench.ts";

const TOOL = {
  name: "tool",
  language: "prebuilt",
  artifact: "tool.wasm",
  mode: "cgi",
  plugs: [{ path: "/tool" }],
};

describe("the package for all platforms", () => {
  let editor: Editor | string = "not started";
  let bench: Workbench | undefined;

  before(async () => {
    editor = await Editor.start({ vsix: await universalExtension() });
    if (typeof editor === "string") return;
    const folder = await editor.workspace({ plasma: "wgsl", site: "static-site" });
    await mkdir(join(folder, "tool"));
    await writeFile(join(folder, "tool/moc.json"), JSON.stringify(TOOL));
    await writeFile(join(folder, "tool/tool.wasm"), await wasiTool());
    bench = await editor.open(folder);
  });
  after(async () => {
    await bench?.[Symbol.asyncDispose]();
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });
  const step = stepsIn(() => ({ editor, bench }));

  step("functions are deployed and serve, and the store is there", async (bench, editor) => {
    await bench.command("Deploy All Functions");
    await eventually(async () => {
      const instance = await editor.instance();
      assert.match(await fetchText(instance, "/tool"), /^tool/);
      assert.match(await fetchText(instance, "/site/"), /<html/);
    }, 60_000);
    await bench.command("Add Key");
    await bench.enter("cart/7");
    await bench.quickInput().getByText("Its value").waitFor();
    await bench.enter("kept");
    await bench.page.locator('.tab.active[aria-label*="7"]').waitFor();
    const client = clientOf(await editor.instance());
    try {
      const { entries } = await client.call("kvList", { query: { prefix: "cart/" } });
      assert.equal(entries.length, 1);
    } finally {
      client.close();
    }
  });

  step("what needs a GPU says that this package has none, and blames no driver", async (bench) => {
    await bench.page.keyboard.press("Control+Shift+E");
    await bench.contextMenu(bench.file("plasma"), "Invoke");
    const page = await bench.webview(".request");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".status.bad", { hasText: "503" }).waitFor();
    const answer = page.locator("#tab-panel", { hasText: "has no GPU part for" });
    await answer.waitFor();
    assert.doesNotMatch((await answer.textContent()) ?? "", /driver|Vulkan|dawn/i);
    await bench.picture("universal-gpu");
  });
});
