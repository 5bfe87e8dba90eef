import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownFolder } from "./project-folder.ts";
import type { Target } from "./target.ts";

/** Under which name a folder was deployed last, by runtime; tells a rename from a new function. */
type DeployedNames = Readonly<Record<string, string>>;

const FILE = "deployed.json";

/** The name under which the folder was deployed to this runtime last; undefined: never. */
export async function deployedName(folder: string, target: Target): Promise<string | undefined> {
  return (await read(folder))[keyOf(target)];
}

/** Notes the name under which a folder was deployed just now. */
export async function rememberName(folder: string, target: Target, name: string): Promise<void> {
  const names = await read(folder);
  if (names[keyOf(target)] === name) return;
  const file = join(await ownFolder(folder), FILE);
  const half = `${file}.${process.pid}`;
  await writeFile(half, `${JSON.stringify({ ...names, [keyOf(target)]: name }, undefined, 2)}\n`);
  await rename(half, file);
}

/** A local runtime is known by its data folder: its port may change at each start. */
function keyOf(target: Target): string {
  return target.dataFolder ?? target.baseUrl;
}

async function read(folder: string): Promise<DeployedNames> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, ".moc", FILE), "utf8"));
    return typeof value === "object" && value !== null ? (value as DeployedNames) : {};
  } catch (error) {
    // Only a convenience is lost with it: a rename is not noticed.
    if (error instanceof SyntaxError) return {};
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
