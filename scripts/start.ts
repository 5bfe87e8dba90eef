/** `npm start`: builds, starts the runtime, deploys the samples and says what can be tried. */
import { spawn } from "node:child_process";
import { buildAll, ROOT } from "./build.ts";

const start = performance.now();
await buildAll();
console.error(`Built this program in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
const child = spawn(
  process.execPath,
  [`${ROOT}dist/cli.js`, "serve", "--samples", `${ROOT}samples`, ...process.argv.slice(2)],
  {
    stdio: "inherit",
  },
);
// The terminal sends Ctrl-C to both; the child decides when all is over.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 0 : 1);
});
