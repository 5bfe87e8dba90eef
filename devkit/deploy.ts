import type { BuildFailure, BuildOptions, BuildSuccess } from "./builders/builder.ts";
import type { Client } from "./client.ts";
import type { FunctionProject } from "./manifest.ts";

export type DeployOptions = BuildOptions;

/** A function that is live. */
export interface DeploySuccess {
  readonly ok: true;
  readonly name: string;
  readonly techID: string;
  readonly revision: number;
  /** One line for each thing that changed; empty when nothing did. */
  readonly changed: readonly string[];
  /** Absolute addresses of its plugs; patterns keep their `!name`. */
  readonly urls: readonly string[];
  /** Bytes that had to be sent; 0 when the runtime had them all. */
  readonly uploadedBytes: number;
  readonly build: BuildSuccess;
}

/** A function whose source does not compile; what was live before still is. */
export interface DeployFailure {
  readonly ok: false;
  readonly name: string;
  readonly build: BuildFailure;
}

export type DeployOutcome = DeploySuccess | DeployFailure;

/**
 * Builds the function and makes it live, all of it or nothing.
 * @throws MocError of the build (see Builder) or of the runtime
 */
export declare function deployProject(
  client: Client,
  project: FunctionProject,
  options?: DeployOptions,
): Promise<DeployOutcome>;

/** Deploys every function found below a folder, those that others call first. */
export declare function deployAll(
  client: Client,
  folder: string,
  options?: DeployOptions,
): Promise<readonly DeployOutcome[]>;

/** Takes a function off the runtime with all that its deploy made. */
export declare function undeploy(client: Client, name: string): Promise<readonly string[]>;

/** Returns to the version before, or to the given one. */
export declare function rollback(
  client: Client,
  name: string,
  techID?: string,
): Promise<{ readonly techID: string; readonly changed: readonly string[] }>;
