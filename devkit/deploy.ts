import { MocError } from "../runtime/protocol/errors.ts";
import type { FunctionSettings } from "../runtime/protocol/model.ts";
import type {
  DeployAnswer,
  DeployFile,
  DeployFilter,
  DeployPlug,
  DeployProblem,
} from "../runtime/protocol/rest-deploy.ts";
import { type BuildForOptions, buildFor } from "./build-checked.ts";
import type { BuildFailure, BuildSuccess } from "./builders/builder.ts";
import { checkCalls } from "./check-calls.ts";
import type { Client } from "./client.ts";
import { problemDiagnostic } from "./deploy-problem.ts";
import { rememberName } from "./deployed-names.ts";
import { refreshSchema } from "./local-schema.ts";
import type { FunctionProject } from "./manifest.ts";
import type { Manifest } from "./manifest-shape.ts";
import { type PublishedFile, publishedFiles } from "./published-files.ts";
import { type DeployBody, deployRenamed, ownOldName } from "./rename.ts";
import { Turns } from "./turns.ts";
import { forgetBlobs, techIDOf, uploadMissing } from "./upload.ts";

/** How a function is built and made live. */
export interface DeployOptions extends BuildForOptions {
  /** The source has just changed: its artefact is sent without asking whether it is there. */
  readonly fresh?: boolean;
  /** Also while a debugger is attached to the version before. */
  readonly force?: boolean;
  /** Names of functions that are deployed together with it: it may call them. */
  readonly alongside?: Iterable<string>;
}

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
  /** It is live, but calls of it fail: it cannot be loaded. Told among the diagnostics, too. */
  readonly problem?: DeployProblem;
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

/** Live, or not built; what the runtime refuses is thrown. */
export type DeployOutcome = DeploySuccess | DeployFailure;

/** Deploys of one name run one after the other, so that the last one asked for is the last one live. */
const turns = new Turns();

/**
 * Builds the function and makes it live, all of it or nothing.
 * @throws MocError of the build (see Builder) or of the runtime
 */
export async function deployProject(
  client: Client,
  project: FunctionProject,
  options: DeployOptions = {},
): Promise<DeployOutcome> {
  const { name } = project.manifest;
  return turns.run(`${client.target.baseUrl} ${name}`, async () => {
    const build = await buildFor(client, project, options);
    if (!build.ok) return { ok: false, name, build };
    return makeLive(client, project, build, options);
  });
}

/**
 * Makes an artefact that was built before live.
 * @throws MocError of the runtime; then nothing has changed
 */
export async function deployBuilt(
  client: Client,
  project: FunctionProject,
  build: BuildSuccess,
  options: DeployOptions = {},
): Promise<DeploySuccess> {
  return turns.run(`${client.target.baseUrl} ${project.manifest.name}`, () =>
    makeLive(client, project, build, options),
  );
}

async function makeLive(
  client: Client,
  project: FunctionProject,
  build: BuildSuccess,
  options: DeployOptions,
): Promise<DeploySuccess> {
  const { name } = project.manifest;
  const { answer, sent } = await send(client, project, build, options);
  const [warnings] = await Promise.all([
    checkCalls(client, project, options.alongside),
    rememberName(project.folder, client.target, name),
    refreshSchema(project),
  ]);
  const { problem } = answer;
  const diagnostics = [...build.diagnostics, ...warnings];
  if (problem) diagnostics.push(problemDiagnostic(project, problem));
  return {
    ok: true,
    name,
    techID: answer.tech_id,
    revision: answer.revision,
    changed: answer.changed,
    urls: urlsOf(client, project.manifest),
    ...(problem && { problem }),
    uploadedBytes: sent,
    build: { ...build, diagnostics },
  };
}

interface Sent {
  readonly answer: DeployAnswer;
  /** Bytes of blobs. */
  readonly sent: number;
}

/** Sends what the runtime has not; a fresh artefact and the deploy that names it go side by side. */
async function send(
  client: Client,
  project: FunctionProject,
  { artifact: bytes, contentType }: BuildSuccess,
  { signal, fresh = false, force = false }: DeployOptions,
): Promise<Sent> {
  const files = await publishedFiles(project);
  const body = { ...deployBody(project, techIDOf(bytes), files), ...(force && { force }) };
  const attempt = async (follows: boolean): Promise<Sent> => {
    const uploaded = uploadMissing(client, [{ bytes, contentType }], { signal, fresh });
    const deploying = async (): Promise<Sent> => {
      const [old, sent] = await Promise.all([
        ownOldName(client, project),
        uploadMissing(client, files, { signal }),
        !follows && uploaded,
      ]);
      const wanted = follows ? { ...body, blob_follows: true } : body;
      return { answer: await deployRenamed(client, old, wanted, { uploaded, signal }), sent };
    };
    // Both, before anything is said: a deploy that still waits must not come after the next one.
    const [upload, deploy] = await Promise.allSettled([uploaded, deploying()]);
    if (upload.status === "rejected") throw upload.reason;
    if (deploy.status === "rejected") throw deploy.reason;
    return { ...deploy.value, sent: deploy.value.sent + upload.value };
  };
  try {
    return await attempt(fresh);
  } catch (error) {
    if (!(error instanceof MocError) || error.code !== "MOC_NOT_FOUND") throw error;
    // A blob that was there is gone (the store was restored from elsewhere), or it came too slowly.
    forgetBlobs(client);
    return attempt(false);
  }
}

/** Takes a function off the runtime with all that its deploy made; answers what changed. */
export async function undeploy(client: Client, name: string): Promise<readonly string[]> {
  return turns.run(`${client.target.baseUrl} ${name}`, async () => {
    const { changed } = await client.call("undeploy", { body: { name } });
    return changed;
  });
}

/** Returns to the version before, or to the given one. */
export async function rollback(
  client: Client,
  name: string,
  techID?: string,
): Promise<DeployAnswer> {
  return turns.run(`${client.target.baseUrl} ${name}`, () => {
    const body = techID === undefined ? {} : { tech_id: techID };
    return client.call("rollback", { path: { name }, body });
  });
}

function deployBody(
  project: FunctionProject,
  techID: string,
  files: readonly PublishedFile[],
): DeployBody {
  const { manifest } = project;
  const start = manifest.start !== undefined ? { start_function: manifest.start } : {};
  const data = manifest.data !== undefined ? { data: manifest.data } : {};
  const plugs = (manifest.plugs ?? []).map(
    (plug): DeployPlug => ({
      path: plug.path,
      method: (plug.method ?? "get").toLowerCase(),
      ...(plug.host !== undefined && { host: plug.host }),
      ...start,
      ...(plug.start !== undefined && { start_function: plug.start }),
      ...data,
      ...(plug.data !== undefined && { data: plug.data }),
      ...(plug.tags && { tags: plug.tags }),
    }),
  );
  const filters = (manifest.filters ?? []).map(
    (filter): DeployFilter => ({
      ...start,
      ...(filter.start !== undefined && { start_function: filter.start }),
      ...data,
      ...(filter.data !== undefined && { data: filter.data }),
      ...(filter.order !== undefined && { order: filter.order }),
    }),
  );
  return {
    name: manifest.name,
    tech_id: techID,
    settings: { ...settingsOf(project) },
    plugs: plugs.map((plug) => ({ ...plug })),
    files: files.map((file) => ({ ...fileEntry(file) })),
    filters: filters.map((filter) => ({ ...filter })),
  };
}

function fileEntry({ path, host, bytes }: PublishedFile): DeployFile {
  return { path, tech_id: techIDOf(bytes), ...(host !== undefined && { host }) };
}

function settingsOf({ manifest, folder }: FunctionProject): FunctionSettings {
  const { mode, start, language, limits, capabilities, state, env, outbound, shader } = manifest;
  return {
    ...(mode && { mode }),
    ...(start !== undefined && { start }),
    language,
    ...(limits && { limits }),
    ...(capabilities && { capabilities }),
    ...(state && { state }),
    ...(env && { env }),
    ...(outbound && { outbound }),
    ...(shader !== undefined && { shader }),
    sourceFolder: folder,
  };
}

function urlsOf(client: Client, manifest: Manifest): readonly string[] {
  const { baseUrl } = client.target;
  const { protocol, port } = new URL(baseUrl);
  const address = (host: string | undefined): string =>
    host ? `${protocol}//${host}${port ? `:${port}` : ""}` : baseUrl;
  const plugs = (manifest.plugs ?? []).map((plug) => address(plug.host) + plug.path);
  const files = (manifest.files ?? []).map(({ path, dir, host }) => {
    return address(host) + (dir === undefined ? path : path.replace(/\/*$/, "/"));
  });
  return [...new Set([...plugs, ...files])];
}
