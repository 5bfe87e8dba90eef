/** Bundles the dashboard: one script and one style sheet, the same in the editor and in the browser. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The toolkit finds out whether the browser knows `:focus-visible` by adding a style element, which
 * our policy refuses, and says so in the console. All browsers that we support know it.
 */
const withoutStyleElements: Plugin = {
  name: "without-style-elements",
  setup({ onLoad }) {
    onLoad({ filter: /fast-web-utilities[\\/]dist[\\/]dom\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const probe = /let _canUseFocusVisible;/;
      if (!probe.test(source)) throw new Error(`${path}: the probe of focus-visible has moved`);
      return { contents: source.replace(probe, "let _canUseFocusVisible = true;") };
    });
  },
};

/** @param outdir folder for `dashboard.js` and `dashboard.css`, below the checkout or absolute */
export async function buildDashboard(outdir = "dist/webview"): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { dashboard: "webview/main.ts" },
    outdir,
    bundle: true,
    minify: true,
    // A plain script runs in the editor's page and in the browser's alike.
    format: "iife",
    platform: "browser",
    target: "es2022",
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    logLevel: "warning",
    plugins: [withoutStyleElements],
  });
}
