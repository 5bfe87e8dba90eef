import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LoadPlan, LoadResult } from "./load-generator.ts";

const GENERATOR = fileURLToPath(new URL("./load-generator.ts", import.meta.url));

/** Runs a load in a process of its own. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [GENERATOR, JSON.stringify(plan)], {
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout);
}
