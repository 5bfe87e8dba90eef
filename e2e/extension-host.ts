/** Runs tests inside the extension host of a real editor: its own way to test extensions, in seconds. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { HostReport } from "../extension/host-tests/report.ts";
import { drivePage } from "./page-driver.ts";
import type { Editor } from "./scenario.ts";

const RUN_TIMEOUT_MS = 300_000;

/** Of the window, at which nobody looks: drawing it takes most of the time. */
const SMALL = { width: 800, height: 500 };

/** Arguments of the server without which it ignores what the page asks to be tested. */
export const HOST_TEST_ARGS = ["--enable-smoke-test-driver"] as const;

/**
 * Opens a window on the folder with an extension under test, and runs the `run` of a module of
 * extension/host-tests in its extension host.
 */
export async function runInHost(
  editor: Editor,
  module: string,
  folder: string,
  extension: string,
): Promise<HostReport> {
  const bundled = await mkdtemp(join(tmpdir(), "moc-host-"));
  try {
    const script = join(bundled, "tests.cjs");
    await build({
      entryPoints: [fileURLToPath(new URL(`../extension/host-tests/${module}`, import.meta.url))],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node22",
      mainFields: ["module", "main"],
      external: ["vscode"],
      logLevel: "error",
    });
    const output = await inPage(editor, folder, extension, script);
    const text = await readFile(`${script}.json`, "utf8").catch((error: Error) => {
      throw new Error(`the tests left no report: ${error.message}\n${output}`);
    });
    const report: HostReport = JSON.parse(text);
    if (report.ended) return report;
    const error = `the tests did not end in ${RUN_TIMEOUT_MS / 1000} s:\n${output}`;
    return { ...report, cases: [...report.cases, { name: "the next one", ms: 0, error }] };
  } finally {
    await rm(bundled, { recursive: true, force: true });
  }
}

/** Folder of our extension as the editor has installed it. */
export async function installedExtension(editor: Editor): Promise<string> {
  const extensions = join(editor.server.base, "extensions");
  const name = (await readdir(extensions)).find((one) => one.startsWith("my-own-cluster."));
  if (name === undefined) throw new Error(`the extension is not in ${extensions}`);
  return join(extensions, name);
}

/** Loads the window and waits until the tests have ended, or should have; answers what it printed. */
async function inPage(
  editor: Editor,
  folder: string,
  extension: string,
  script: string,
): Promise<string> {
  const { origin } = editor.server;
  const remote = (path: string): string => `vscode-remote://${new URL(origin).host}${path}`;
  const payload = JSON.stringify([
    ["extensionDevelopmentPath", remote(extension)],
    ["extensionTestsPath", remote(script)],
    ["skipWelcome", "true"],
  ]);
  const output: string[] = [];
  const ended = Promise.withResolvers<void>();
  const timer = setTimeout(() => ended.resolve(), RUN_TIMEOUT_MS);
  const permissions = ["clipboard-read", "clipboard-write"];
  const context = await editor.browser.newContext({ permissions, viewport: SMALL });
  try {
    const page = await context.newPage();
    await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => {
      const line = args.join(" ");
      if (!drivePage(page, line)) output.push(line);
    });
    await page.exposeFunction("codeAutomationExit", () => ended.resolve());
    await page.goto(`${editor.server.windowUrl(folder)}&payload=${encodeURIComponent(payload)}`);
    await ended.promise;
    return output.join("\n");
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}
