import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LockedPackages, toolLocks } from "./builders/npm-tools-lock.ts";
import { MANIFEST } from "./manifest-shape.ts";
import { SAMPLE } from "./sample-shape.ts";
import { jsonSchema } from "./schema.ts";

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** Files that are made from the devkit's declarations; written by `npm run gen`, compared in a test. */
export async function generatedFiles(root: string): Promise<readonly GeneratedFile[]> {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: LockedPackages;
  };
  return [
    jsonFile("schemas/moc.schema.json", jsonSchema(MANIFEST, "Function of My Own Cluster")),
    jsonFile("schemas/sample.schema.json", jsonSchema(SAMPLE, "Sample input of a function")),
    jsonFile("devkit/builders/npm-tools.json", toolLocks(lock.packages)),
  ];
}

function jsonFile(path: string, value: object): GeneratedFile {
  return { path, content: `${JSON.stringify(value, undefined, 2)}\n` };
}
