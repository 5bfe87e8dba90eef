/** `npm run gen [-- --check]`: writes every generated file, or says which ones are out of date. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generatedFiles } from "../devkit/generated.ts";
import { writeContributions } from "../extension/contributions.ts";
import { writeBindings } from "../runtime/bindings/generate.ts";
import { putBackModule } from "../runtime/engines/javascript/build-put-back.ts";
import { ROOT } from "./build.ts";
import { referencePages } from "./reference.ts";

/** @returns paths of files that were out of date */
export async function generate(check: boolean): Promise<readonly string[]> {
  const files = [...(await generatedFiles(ROOT)), ...referencePages(), await putBackModule()];
  const stale = files.filter((one) => read(ROOT + one.path) !== one.content);
  if (!check) {
    for (const one of stale) {
      mkdirSync(dirname(ROOT + one.path), { recursive: true });
      writeFileSync(ROOT + one.path, one.content);
    }
    writeContributions(false);
  }
  return [...stale.map((one) => one.path), ...writeBindings(check)];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  const stale = await generate(check);
  for (const path of stale) console.log(`${check ? "out of date" : "written"}: ${path}`);
  if (check && stale.length > 0) process.exitCode = 1;
}
