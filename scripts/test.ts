/**
 * `npm test`: installs what the tests need where it may, builds, and runs everything: fast tests
 * first, then samples and templates with their real compilers, then real browser and editor.
 * Arguments: file patterns to run instead of all.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { buildAll, ROOT } from "./build.ts";
import { installDebianPackages } from "./debian-packages.ts";

const PHASES: readonly {
  readonly title: string;
  readonly files: readonly string[];
  readonly concurrency: number;
}[] = [
  {
    title: "parts",
    files: [
      "scripts/*.test.ts",
      "runtime/**/*.test.ts",
      "devkit/**/*.test.ts",
      "extension/**/*.test.ts",
      "webview/**/*.test.ts",
    ],
    concurrency: 2,
  },
  {
    title: "templates and samples",
    files: ["templates/*.test.ts", "samples/*.test.ts"],
    concurrency: 1,
  },
  { title: "whole product", files: ["e2e/*.test.ts"], concurrency: 1 },
];

const wanted = process.argv.slice(2);
await installDebianPackages();
await buildAll();
let failed = false;
if (wanted.length > 0) failed = !(await run(wanted, 2));
else {
  for (const phase of PHASES) {
    const files = phase.files.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort();
    if (files.length === 0) continue;
    console.log(`\n== ${phase.title}: ${files.length} files`);
    if (!(await run(files, phase.concurrency))) failed = true;
  }
}
if (failed) console.error("npm test: there are failures, see above");
process.exitCode = failed ? 1 : 0;

function run(files: readonly string[], concurrency: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        "--test",
        `--test-concurrency=${concurrency}`,
        "--test-reporter=spec",
        "--test-timeout=600000",
        ...files,
      ],
      { cwd: ROOT, stdio: "inherit" },
    );
    child.on("exit", (code) => resolve(code === 0));
  });
}
