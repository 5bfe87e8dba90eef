import { homedir } from "node:os";
import { join } from "node:path";

/** Where compilers that were fetched on demand are kept, for all projects of the user; and what can be made again. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.MOC_CACHE) return environment.MOC_CACHE;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "my-own-cluster");
  if (process.platform === "win32") {
    const local = environment.LOCALAPPDATA || join(homedir(), "AppData", "Local");
    return join(local, "my-own-cluster", "cache");
  }
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "my-own-cluster");
}
