/** Bundles the dashboard: one script and one style sheet, the same in the editor and in the browser. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export async function buildDashboard(): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { dashboard: "webview/main.ts" },
    outdir: "dist/webview",
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    logLevel: "warning",
  });
}
