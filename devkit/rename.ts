import { MocError } from "../runtime/protocol/errors.ts";
import type { Name } from "../runtime/protocol/model.ts";
import type { DeployAnswer } from "../runtime/protocol/rest-deploy.ts";
import type { Client } from "./client.ts";
import { deployedName } from "./deployed-names.ts";
import type { FunctionProject } from "./manifest.ts";

/** A deploy as it is sent to the runtime. */
export interface DeployBody {
  readonly name: string;
  readonly tech_id: string;
  readonly blob_follows?: boolean;
  readonly force?: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly plugs: readonly Readonly<Record<string, unknown>>[];
  readonly files: readonly Readonly<Record<string, unknown>>[];
  readonly filters: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Deploys a function whose name may have changed since its folder was deployed last: then the old
 * name goes, for it holds the paths that the new one wants. When the new one is refused, the old one
 * is put back as it was.
 * @param old - as {@link ownOldName} found it
 * @param sending - `uploaded` settles when the runtime has the blob; an old name does not go before
 */
export async function deployRenamed(
  client: Client,
  old: Name | undefined,
  body: DeployBody,
  sending: { readonly uploaded: Promise<unknown>; readonly signal: AbortSignal | undefined },
): Promise<DeployAnswer> {
  const { uploaded, signal } = sending;
  if (!old) return client.call("deploy", { body }, { signal });
  await uploaded;
  const before = await presentDeploy(client, old);
  const gone = await client.call("undeploy", { body: { name: old.name } });
  try {
    const answer = await client.call("deploy", { body });
    return { ...answer, changed: [...gone.changed, ...answer.changed] };
  } catch (error) {
    await client.call("deploy", { body: before });
    throw error;
  }
}

/** The name that this folder had, if the runtime still has it from this very folder. */
export async function ownOldName(
  client: Client,
  project: FunctionProject,
): Promise<Name | undefined> {
  const old = await deployedName(project.folder, client.target);
  if (old === undefined || old === project.manifest.name) return undefined;
  try {
    const { name } = await client.call("name", { path: { name: old } });
    return name.settings.sourceFolder === project.folder ? name : undefined;
  } catch (error) {
    if (error instanceof MocError && error.code === "MOC_NOT_FOUND") return undefined;
    throw error;
  }
}

async function presentDeploy(client: Client, old: Name): Promise<DeployBody> {
  const { plugs } = await client.call("plugs");
  const { filters } = await client.call("filters");
  const own = plugs.filter((plug) => plug.owner === old.name);
  return {
    name: old.name,
    tech_id: old.techID,
    settings: { ...old.settings },
    plugs: own.filter((plug) => plug.type === "function").map((plug) => ({ ...plug })),
    files: own
      .filter((plug) => plug.type === "file")
      .map(({ path, host, name }) => ({ path, host, tech_id: name.replace("techID://", "") })),
    filters: filters.filter((filter) => filter.owner === old.name).map((one) => ({ ...one })),
  };
}
