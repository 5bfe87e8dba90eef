import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, FrameLocator, Locator, Page } from "playwright-core";

/** Where pictures go; ignored by git. */
export const ARTIFACTS = fileURLToPath(new URL("../artifacts/e2e", import.meta.url));
const DOCS = fileURLToPath(new URL("../docs/pictures", import.meta.url));
const READY_MS = 90_000;
/** Long enough for a machine that does other things too. */
const STEP_MS = 30_000;

/** One editor window in the browser, and what a user does in it. */
export class Workbench implements AsyncDisposable {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.#context = context;
  }

  static async open(
    browser: Browser,
    url: string,
    size = { width: 1280, height: 800 },
  ): Promise<Workbench> {
    const context = await browser.newContext({
      viewport: size,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    const bench = new Workbench(page, context);
    await page.goto(url);
    await bench.ready();
    return bench;
  }

  /** Settles when the window can be used. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor({ timeout: READY_MS });
    await this.page
      .locator(".explorer-viewlet, .activitybar")
      .first()
      .waitFor({ timeout: READY_MS });
    await this.page.locator(".statusbar-item").first().waitFor({ timeout: READY_MS });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    await (await this.#offered(title)).click();
  }

  /** Opens the palette on a title; tries again while extensions are still loading. */
  async #offered(title: string): Promise<Locator> {
    const entry = this.page
      .locator(".quick-input-list .monaco-list-row", { hasText: title })
      .first();
    for (let attempt = 1; ; attempt++) {
      await this.#palette(title);
      const there = await entry.waitFor({ timeout: 2500 }).then(
        () => true,
        () => false,
      );
      if (there) return entry;
      if (attempt === 6) throw new Error(`the palette does not offer "${title}"`);
      await this.page.keyboard.press("Escape");
    }
  }

  async #palette(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(`>${title}`);
  }

  /** Whether the palette offers a command. */
  async offers(title: string): Promise<boolean> {
    await this.#palette(title);
    const row = this.page.locator(".quick-input-list .monaco-list-row").first();
    await row.waitFor();
    const text = await row.textContent();
    await this.page.keyboard.press("Escape");
    return text?.includes(title) ?? false;
  }

  /** Runs a command from the palette with the keyboard alone. */
  async commandByKeys(title: string): Promise<void> {
    await this.#offered(title);
    await this.enterByKeys(`>${title}`, new RegExp(title));
  }

  /** Narrows the open quick pick by typing, and takes the line with the focus once it is the one. */
  async enterByKeys(text: string, line: RegExp): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(text);
    await this.page
      .locator(".quick-input-list .monaco-list-row.focused", { hasText: line })
      .waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** Chooses an entry of the open quick pick. */
  async pick(text: string): Promise<void> {
    await this.page
      .locator(".quick-input-list .monaco-list-row", { hasText: text })
      .first()
      .click();
  }

  /** Types into the open input box and accepts. */
  async enter(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input");
    await input.waitFor();
    await input.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Title and step of the open quick input. */
  quickInput(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  /** Text of our status bar item. */
  status(): Locator {
    return this.page.locator('.statusbar-item[id*="myOwnCluster"]');
  }

  /** A line of the Explorer. */
  file(name: string): Locator {
    return this.page.locator(".explorer-viewlet .monaco-list-row", { hasText: name }).first();
  }

  /** Opens a file by its name. */
  async openFile(name: string): Promise<void> {
    const folders = name.split("/");
    const file = folders.pop();
    await this.page.keyboard.press("Control+P");
    // The line shows the name before the folders.
    await this.enterByKeys(name, new RegExp([file, ...folders].join(".*")));
    await this.page.locator(`.tab.active[aria-label*="${file}"]`).waitFor();
  }

  /** Replaces the text of the editor, as a paste does: no auto-closing gets in the way. */
  async replaceText(text: string): Promise<void> {
    await this.page.locator(".editor-instance .monaco-editor").first().click();
    await this.page.keyboard.press("Control+A");
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await this.page.keyboard.press("Control+V");
  }

  /** Opens our container in the activity bar. */
  async showViews(): Promise<void> {
    const tab = this.page
      .locator('.activitybar .action-item:has([aria-label^="My Own Cluster"])')
      .first();
    if ((await tab.getAttribute("class"))?.includes("checked")) return;
    await tab.click();
  }

  /** A line of one of our trees. */
  row(view: string, text: string): Locator {
    return this.page
      .locator(`.pane:has(.pane-header[aria-label*="${view}"]) .monaco-list-row`, { hasText: text })
      .first();
  }

  /** Unfolds one of our views. */
  async unfold(view: string): Promise<void> {
    const header = this.page.locator(`.pane-header[aria-label*="${view}"]`);
    if ((await header.getAttribute("aria-expanded")) !== "true") await header.click();
  }

  /** The page of the webview that holds a locator. */
  async webview(selector: string): Promise<FrameLocator> {
    const outer = this.page.frameLocator("iframe.webview.ready");
    const inner = outer.frameLocator("iframe#active-frame");
    await inner.locator(selector).first().waitFor();
    return inner;
  }

  /** A notification that holds a text. */
  toast(text: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item", { hasText: text });
  }

  /** Chooses an entry of a line's context menu. */
  async contextMenu(line: Locator, entry: string): Promise<void> {
    await line.click({ button: "right" });
    const item = this.page.locator(".context-view .action-label", { hasText: entry });
    await item.waitFor();
    // A menu takes no click in the first moments, lest the one that opened it chooses something.
    for (let attempt = 0; attempt < 5 && (await item.isVisible()); attempt++) {
      await this.page.waitForTimeout(300);
      await item.click({ timeout: 2000 }).catch((error: Error) => {
        if (attempt === 4) throw error;
      });
    }
  }

  /** Closes a notification. */
  async closeToast(text: string): Promise<void> {
    await this.toast(text).hover();
    await this.toast(text).locator(".codicon-notifications-clear").click();
    await this.toast(text).waitFor({ state: "detached" });
  }

  /** The modal dialog that says a text. */
  dialog(text: string): Locator {
    return this.page.locator(".monaco-dialog-box", { hasText: text });
  }

  /** Clicks a button of the modal dialog. */
  async answer(button: string): Promise<void> {
    await this.page.locator(".monaco-dialog-box .monaco-button", { hasText: button }).click();
  }

  /**
   * Saves a picture.
   * @param docs name in the documentation, where it goes as well with `MOC_DOC_PICTURES=1`
   */
  async picture(name: string, docs?: string): Promise<void> {
    await mkdir(ARTIFACTS, { recursive: true });
    const path = join(ARTIFACTS, `${name}.png`);
    await this.page.screenshot({ path });
    if (docs !== undefined && process.env.MOC_DOC_PICTURES === "1") {
      await copyFile(path, join(DOCS, `${docs}.png`));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
