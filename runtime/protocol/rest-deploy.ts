/** JSON of deploys in the REST API. */
import type { ErrorJson } from "./errors.ts";

/** What a deploy, an undeploy or a rollback made of a name. */
export interface DeployAnswer {
  readonly status: true;
  readonly name: string;
  readonly tech_id: string;
  readonly revision: number;
  /** One line for each thing that changed; empty when nothing did. */
  readonly changed: readonly string[];
  /** The version is live, but was found not to load: calls of it fail. */
  readonly problem?: DeployProblem;
}

/** Why a function cannot be loaded; the position is in its source, relative to its folder. */
export type DeployProblem = Pick<ErrorJson, "code" | "message" | "position">;

/** Plug of a deploy: `path` and, if they differ from the defaults, the rest. */
export interface DeployPlug {
  readonly method?: string;
  readonly host?: string;
  readonly path: string;
  readonly start_function?: string;
  readonly data?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A blob that a deploy plugs as a file. */
export interface DeployFile {
  readonly path: string;
  readonly host?: string;
  readonly tech_id: string;
}

/** A start function that a deploy makes a filter. */
export interface DeployFilter {
  readonly start_function?: string;
  readonly data?: string;
  readonly order?: number;
}
