import type { MocError } from "../runtime/protocol/errors.ts";
import type { FunctionProject } from "./manifest.ts";

export interface FoundFunctions {
  /** In order of their folders. */
  readonly projects: readonly FunctionProject[];
  /** Folders whose moc.json is not valid, with the reason. */
  readonly broken: readonly { readonly folder: string; readonly error: MocError }[];
}

/** All functions in a folder and below, without node_modules, target, .git and what git ignores. */
export declare function findFunctions(folder: string): Promise<FoundFunctions>;
