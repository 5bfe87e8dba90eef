/** The browser that the whole product is tried in. */
import { type Browser, type BrowserContext, chromium } from "playwright-core";

export const CHROMIUM = process.env.MOC_CHROMIUM ?? "/usr/bin/chromium";
const OPTIONS = {
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--mute-audio"],
};

/** Starts it; each window is a new user's. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch(OPTIONS);
}

/** Starts it for a user whose caches are kept in a folder, as those of an editor on a desktop are. */
export async function startProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, {
    ...OPTIONS,
    viewport: { width: 1280, height: 800 },
  });
}
