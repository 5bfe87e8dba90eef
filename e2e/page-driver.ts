/** Does in the editor's page what a test in the extension host asks for (extension/host-tests/page.ts). */
import { rename, writeFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import {
  PAGE_MARK,
  type PageAction,
  type PageAnswer,
  type PageRequest,
} from "../extension/host-tests/page-actions.ts";

const STEP_MS = 20_000;

/** Handles a line of the console; answers whether it was a request of this kind. */
export function drivePage(page: Page, line: string): boolean {
  if (!line.includes(PAGE_MARK)) return false;
  const { file, action }: PageRequest = JSON.parse(
    line.slice(line.indexOf(PAGE_MARK) + PAGE_MARK.length),
  );
  void answer(page, action).then(async (said) => {
    await writeFile(`${file}.part`, JSON.stringify(said));
    await rename(`${file}.part`, file);
  });
  return true;
}

async function answer(page: Page, action: PageAction): Promise<PageAnswer> {
  try {
    return { text: await perform(page, action) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function perform(page: Page, { kind, selector, text }: PageAction): Promise<string> {
  const timeout = STEP_MS;
  if (kind === "press") {
    await page.keyboard.press(selector);
    return "";
  }
  const isFill = kind === "fill";
  const element = page
    .locator(selector, text === undefined || isFill ? {} : { hasText: text })
    .first();
  if (isFill) await element.fill(text ?? "", { timeout });
  else if (kind === "click") await element.click({ timeout });
  else {
    await element.waitFor({ timeout });
    return (await element.textContent()) ?? "";
  }
  return "";
}
