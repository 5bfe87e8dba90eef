import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostTarget, packageExtension } from "../scripts/package.ts";
import { isTarget, type Target } from "../scripts/package-targets.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "artifacts", "vsix");
/** What a package is made of. */
const SOURCES = [
  "extension",
  "devkit",
  "runtime",
  "webview",
  "templates",
  "schemas",
  "scripts",
  "package.json",
  "package.nls.json",
  ".vscodeignore",
];

/** The packaged extension for this machine, made anew when a source is newer than it; or `MOC_E2E_VSIX`. */
export async function packagedExtension(): Promise<string> {
  const own = hostTarget();
  return process.env.MOC_E2E_VSIX ?? packaged(isTarget(own) ? own : undefined);
}

/** The one for all platforms, likewise; or `MOC_E2E_UNIVERSAL_VSIX`. */
export async function universalExtension(): Promise<string> {
  return process.env.MOC_E2E_UNIVERSAL_VSIX ?? packaged(undefined);
}

async function packaged(target: Target | undefined): Promise<string> {
  const word = target ?? "universal";
  const [known] = existsSync(OUT)
    ? (await readdir(OUT)).filter((name) => name.includes(word) && name.endsWith(".vsix"))
    : [];
  if (known) {
    const file = join(OUT, known);
    const made = (await stat(file)).mtimeMs;
    const changed = await Promise.all(SOURCES.map((source) => newest(join(ROOT, source))));
    if (Math.max(...changed) < made) return file;
  }
  return (await packageExtension(OUT, target)).file;
}

async function newest(path: string): Promise<number> {
  const info = await stat(path);
  if (!info.isDirectory()) return info.mtimeMs;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}
