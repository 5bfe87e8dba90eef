/** The imports of the project's own files, read from their text. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly text: string;
  /** Files of the project that it imports, types included. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules that it imports. */
  readonly packages: readonly string[];
}

const WORLDS = ["runtime", "devkit", "extension", "webview", "scripts", "bench", "e2e"];
const SPECIFIER =
  /(?:^|\n)\s*(?:import|export)\s(?:[^;"'`]*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

export function readSources(root: string): SourceFile[] {
  return WORLDS.flatMap((world) => globSync(`${world}/**/*.ts`, { cwd: root }))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/") && !path.includes("/bindings/output/"))
    .sort()
    .map((path) => readSource(root, path));
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const specifiers = [...text.matchAll(SPECIFIER)].flatMap((match) => match[1] ?? match[2] ?? []);
  const own = specifiers.filter((one) => one.startsWith("."));
  return {
    path,
    lines: text.split("\n").length - 1,
    text,
    imports: own.map((one) => normalize(join(dirname(path), one)).replaceAll("\\", "/")),
    packages: specifiers.filter((one) => !one.startsWith(".")),
  };
}

/** Groups of files that import each other round (Tarjan's strongly connected components). */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): number => {
    const mine = index.size;
    index.set(path, mine);
    low.set(path, mine);
    stack.push(path);
    for (const next of byPath.get(path)?.imports ?? []) {
      if (!byPath.has(next)) continue;
      const seen = index.get(next);
      const reach = seen === undefined ? visit(next) : stack.includes(next) ? seen : mine;
      low.set(path, Math.min(low.get(path) ?? mine, reach));
    }
    if (low.get(path) === mine) {
      const group = stack.splice(stack.indexOf(path));
      if (group.length > 1) cycles.push(group.sort());
    }
    return low.get(path) ?? mine;
  };
  for (const { path } of files) if (!index.has(path)) visit(path);
  return cycles;
}
