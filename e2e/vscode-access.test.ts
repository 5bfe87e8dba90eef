/** For those who use no mouse, see little, or have their screen read to them. */
import { after, before, describe, test } from "node:test";
import { Editor, eventually, hasEditor, inWindow } from "./scenario.ts";
import { assertAccessible } from "./vscode-axe.ts";
import type { Workbench } from "./workbench.ts";

const TABS_MAX = 40;
const THEMES = {
  vs: "Default Light Modern",
  "hc-light": "Default High Contrast Light",
  "hc-black": "Default High Contrast",
  "vs-dark": "Default Dark Modern",
} as const;

describe("without mouse, and with high contrast", () => {
  let editor: Editor | string = "not started";
  before(async () => {
    editor = await Editor.start();
  });
  after(async () => {
    if (typeof editor !== "string") await editor[Symbol.asyncDispose]();
  });

  test("keys alone create a function and invoke it; its pages pass axe in every kind of theme", async (t) => {
    if (!hasEditor(editor, t)) return;
    const current = editor;
    const folder = await current.workspace();
    const run = async (bench: Workbench): Promise<void> => {
      await bench.commandByKeys("Create Function");
      await bench.enterByKeys("JavaScript", /JavaScript/);
      await bench.quickInput().getByText("Name of the function").waitFor();
      await bench.enter("keyed");
      await bench.enterByKeys("", /moc-ws-/);
      await bench
        .status()
        .getByText(/keyed live|moc: \/keyed/)
        .waitFor();
      await bench.commandByKeys("Invoke with Sample Input");
      const request = await bench.webview(".request");
      const focused = request.locator("button:focus", { hasText: "Send" });
      for (let n = 0; n < TABS_MAX && (await focused.count()) === 0; n++) {
        await bench.page.keyboard.press("Tab");
      }
      await bench.page.keyboard.press("Enter");
      await request.locator(".status.good", { hasText: "200" }).waitFor();
      await inThemes(current, bench, () => assertAccessible(request));
      await bench.command("View: Close All Editors");
      await bench.commandByKeys("Open Dashboard");
      const dashboard = await bench.webview("nav");
      await dashboard.getByText("keyed").first().waitFor();
      await inThemes(current, bench, () => assertAccessible(dashboard));
    };
    await inWindow(current, folder, run, "access");
  });
});

async function inThemes(
  editor: Editor,
  bench: Workbench,
  check: () => Promise<void>,
): Promise<void> {
  for (const [name, theme] of Object.entries(THEMES)) {
    await editor.server.configure({ "workbench.colorTheme": theme });
    await bench.page.locator(`.monaco-workbench.${name}`).waitFor();
    // The page's own colours follow a moment later.
    await eventually(check);
    await bench.picture(`access-${name}`);
  }
}
