/** Runs in the extension host of a real editor, started by e2e/vscode-api.test.ts. */
import { writeFile } from "node:fs/promises";
import { CASES } from "./cases.ts";
import { closeHost, openHost } from "./host.ts";
import { Page } from "./page.ts";
import type { HostReport } from "./report.ts";

/** Entry that the editor calls with the path of this bundle; the report is written beside it. */
export async function run(path: string): Promise<void> {
  const report: HostReport = { cases: [], figures: {} };
  const host = await openHost(report.figures, new Page(path));
  try {
    for (const [name, body] of Object.entries(CASES)) {
      const started = performance.now();
      const error = await body(host).then(
        () => undefined,
        (cause: unknown) => (cause instanceof Error ? (cause.stack ?? cause.message) : `${cause}`),
      );
      const ms = performance.now() - started;
      report.cases.push({ name, ms, ...(error !== undefined && { error }) });
      // After each: one that hangs must not hide what was found before.
      await writeFile(`${path}.json`, JSON.stringify(report));
    }
  } finally {
    await closeHost(host);
    await writeFile(`${path}.json`, JSON.stringify({ ...report, ended: true }));
  }
}
