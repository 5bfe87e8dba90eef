import { isAbsolute, relative, resolve, sep } from "node:path";

/** Whether an absolute path is one of the folders or below it, once its `..` are followed. */
export function isInside(folders: readonly string[], path: string): boolean {
  if (!isAbsolute(path)) return false;
  return folders.some((folder) => {
    const way = relative(folder, resolve(path));
    return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
}
