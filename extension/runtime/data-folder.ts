import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";

interface DataFolderOptions {
  /** Value of the setting; empty: not set. */
  readonly chosen: string;
  /** Path of the first workspace folder. */
  readonly root: string | undefined;
  /** Names the workspace: the URI of its file, or of its folder. */
  readonly workspace: string | undefined;
  /** Folder of the extension's own data, the same for all windows. */
  readonly globalStorage: string;
}

/**
 * Where the runtime of a workspace keeps everything. Not the editor's folder for the workspace: a
 * second window on it gets another one, and both must find the same runtime.
 */
export function dataFolderOf({
  chosen,
  root,
  workspace,
  globalStorage,
}: DataFolderOptions): string {
  if (chosen !== "") return isAbsolute(chosen) || !root ? chosen : join(root, chosen);
  const name = createHash("sha256")
    .update(workspace ?? "")
    .digest("hex")
    .slice(0, 16);
  return join(globalStorage, "data", name);
}
