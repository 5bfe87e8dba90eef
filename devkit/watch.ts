import type { MocError } from "../runtime/protocol/errors.ts";
import type { Client } from "./client.ts";
import type { DeployFailure, DeploySuccess } from "./deploy.ts";
import type { FunctionProject } from "./manifest.ts";

export type LiveEvent =
  | { readonly kind: "building"; readonly project: FunctionProject }
  | {
      readonly kind: "deployed";
      readonly project: FunctionProject;
      readonly outcome: DeploySuccess;
      /** From the last save to the new version answering, in ms. */
      readonly durationMs: number;
    }
  /** Told once for each different failure; the old version goes on serving. */
  | { readonly kind: "failed"; readonly project: FunctionProject; readonly outcome: DeployFailure }
  | { readonly kind: "error"; readonly folder: string; readonly error: MocError }
  /** The moc.json is gone; what is deployed stays until it is undeployed. */
  | { readonly kind: "gone"; readonly folder: string; readonly name: string };

export interface LiveOptions {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onProgress?: (message: string, fraction?: number) => void;
}

/** Keeps functions live: builds and deploys a folder when told; a newer request supersedes. */
export declare class LiveDeployer {
  constructor(client: Client, options: LiveOptions);
  /** Something in the folder was saved. Settles when this or a superseding build is done. */
  saved(folder: string): Promise<void>;
  close(): Promise<void>;
}

export interface Watcher {
  close(): Promise<void>;
}

/** Watches the functions in a folder and below, and keeps them live. */
export declare function watch(
  client: Client,
  folder: string,
  options: LiveOptions,
): Promise<Watcher>;
