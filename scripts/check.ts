/** Formatter, linter and the type check of every world; the same locally and in CI. */
import { spawn } from "node:child_process";
import { ROOT } from "./build.ts";

const WORLDS = [
  "runtime/protocol",
  "runtime",
  "runtime/engines/javascript/guest",
  "runtime/system/guest",
  "devkit",
  "samples",
  "templates",
  "extension",
  "extension/pages",
  "webview",
  "e2e",
  "bench",
  "scripts",
];

const steps: readonly (readonly [string, readonly string[]])[] = [
  ["biome", ["check", "--error-on-warnings", "."]],
  ...WORLDS.map((world) => ["tsc", ["-p", world]] as const),
];

let failed = false;
for (const [program, args] of steps) {
  const code = await new Promise<number>((resolve) => {
    const child = spawn(`${ROOT}node_modules/.bin/${program}`, args, {
      cwd: ROOT,
      stdio: "inherit",
    });
    child.on("exit", (status) => resolve(status ?? 1));
  });
  if (code !== 0) {
    console.error(`check: ${program} ${args.join(" ")} failed`);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
