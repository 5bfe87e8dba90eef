import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 120_000;

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly integrity?: string }>
  >;
}

/**
 * Fetches a package that npm did not install because it is of another platform, at the version and
 * content that the lock file pins.
 * @param into its folder, as below node_modules
 */
export async function fetchForeignPackage(
  name: string,
  lockFile: string,
  into: string,
): Promise<void> {
  const lock: Lock = JSON.parse(await readFile(lockFile, "utf8"));
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (!version || !integrity) throw new Error(`${name} is not in ${lockFile}`);
  await mkdir(into, { recursive: true });
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { stdout } = await run(
    npm,
    ["pack", `${name}@${version}`, "--json", "--ignore-scripts", "--pack-destination", into],
    { timeout: FETCH_TIMEOUT_MS, shell: process.platform === "win32" },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
  const archive = join(into, filename);
  const bytes = await readFile(archive);
  const [algorithm = "", digest] = integrity.split(/-(.*)/s);
  const found = createHash(algorithm).update(bytes).digest("base64");
  if (found !== digest) {
    throw new Error(`${name}@${version} is not what the lock file pins: ${algorithm}-${found}`);
  }
  await run("tar", ["-xzf", filename, "--strip-components=1"], { cwd: into });
  await rm(archive);
}
