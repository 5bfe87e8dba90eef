import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LockedPackages, toolLocks } from "./builders/npm-tools-lock.ts";
import { MANIFEST } from "./manifest-shape.ts";
import { SAMPLE } from "./sample-shape.ts";
import { jsonSchema } from "./schema.ts";

interface GeneratedFile {
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
  return { path, content: `${print(value, "", 0)}\n` };
}

const LINE_MAX = 100;

/** JSON as the formatter of this repository leaves it: short lists in one line. */
function print(value: unknown, indent: string, before: number): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
    const flat = value.every((one) => typeof one !== "object");
    if (flat && before + line.length < LINE_MAX) return line;
    const items = value.map((one) => inner + print(one, inner, inner.length));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const lines = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => {
      const start = `${inner}${JSON.stringify(key)}: `;
      return start + print(one, inner, start.length);
    });
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
}
