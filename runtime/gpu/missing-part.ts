import { existsSync } from "node:fs";

/**
 * Why this installation can do no GPU work, whatever drivers the machine has: a package for all
 * platforms holds no binary of any. Undefined: it has the one of this platform.
 * @param resolve where a package's entry is, as `import.meta.resolve`
 */
export function missingPart(
  resolve: (name: string) => string = (name) => import.meta.resolve(name),
): string | undefined {
  const { platform, arch } = process;
  const folder = `${platform}-${platform === "darwin" ? "universal" : arch}`;
  try {
    if (existsSync(new URL(`dist/${folder}/dawn.node`, resolve("webgpu")))) return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
  }
  return `this installation of My Own Cluster has no GPU part for ${platform}-${arch}; all but GPU work is done. Where there is a package for this platform (my-own-cluster-${platform}-${arch}), install that instead of the universal one`;
}
