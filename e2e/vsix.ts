import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostTarget, packageExtension } from "../scripts/package.ts";

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
  const given = process.env.MOC_E2E_VSIX;
  if (given) return given;
  const target = hostTarget();
  const [known] = existsSync(OUT)
    ? (await readdir(OUT)).filter((name) => name.includes(target))
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
