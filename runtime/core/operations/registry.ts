import { MocError } from "../../protocol/errors.ts";
import type { Blob, Name } from "../../protocol/model.ts";
import type { DeployAnswer } from "../../protocol/rest-deploy.ts";
import { isSystemFunction } from "../../protocol/system-plug.ts";
import { type Deploy, deploy, undeploy } from "../deploy.ts";
import { techIDOf } from "../names.ts";
import type { PlatformState } from "../platform-state.ts";
import { type NewPlug, type PlugPlace, plugTitle } from "../plugs.ts";
import type { PrepareVersion } from "../prepare-version.ts";
import { asTags, parseSettings } from "../settings.ts";
import type { Debugging } from "./debug.ts";
import { type FunctionParts, functionSummaries } from "./functions.ts";
import {
  type Arguments,
  type OperationAnswer,
  type Operations,
  pageLimit,
  readableStream,
} from "./operation.ts";

/** What deploys and their parts change, and whom they ask before. */
export interface RegistryParts extends FunctionParts {
  readonly debugging: Pick<Debugging, "isDebugged">;
  /** Told of a version before it becomes the present one; answers why it cannot be loaded, if so. */
  readonly prepare: PrepareVersion;
}

const DONE = { json: { status: true } };

/** How long a deploy waits for its blob; one that takes longer to send is deployed after it. */
const FOLLOWS_MS = 5000;

/** Blobs, names, functions, deploys, plugs and filters. */
export function registryOperations(parts: RegistryParts): Operations {
  return {
    ...blobOperations(parts),
    ...nameOperations(parts),
    ...deployOperations(parts),
    ...plugOperations(parts),
  };
}

function blobOperations({ state }: RegistryParts): Operations {
  const store: Operations[string] = async (argument, body) => {
    const contentType = argument.text("content_type");
    const name = argument.optionalString("name") || undefined;
    const settings = argument.raw("settings");
    const parsed = settings === undefined ? undefined : parseSettings(settings);
    if (name !== undefined) refuseSystemName(name);
    if (parsed && name === undefined) {
      throw new MocError("MOC_BAD_REQUEST", "field settings needs a name that it belongs to");
    }
    const blob =
      body === undefined || body instanceof Uint8Array
        ? await state.blobs.register(contentType, body ?? new Uint8Array())
        : await state.blobs.registerStream(contentType, body);
    if (name !== undefined) {
      await moveName(state, name, () => state.names.set(name, blob.techID, parsed));
    }
    return { json: { status: true, tech_id: blob.techID, length: blob.length } };
  };
  return {
    registerBlob: async (argument, body) => {
      const { json } = await store(argument, body);
      return { json: { status: true, tech_id: (json as { tech_id: string }).tech_id } };
    },
    putBlob: store,
    headBlob: (argument) => ({ json: { status: true, ...blobOf(state, argument) } }),
    getBlob: async (argument) => ({
      stream: readableStream(await state.blobs.bytes(blobOf(state, argument).techID)),
    }),
  };
}

function nameOperations(parts: RegistryParts): Operations {
  const { state, prepare } = parts;
  return {
    names: (argument) => ({
      json: {
        status: true,
        ...state.names.list({
          prefix: argument.optionalString("prefix") ?? "",
          after: argument.optionalString("after") ?? "",
          limit: pageLimit(argument, 100),
        }),
      },
    }),
    name: (argument) => {
      const name = state.names.get(argument.text("name"));
      if (!name) throw new MocError("MOC_NOT_FOUND", `there is no name '${argument.text("name")}'`);
      return { json: { status: true, name } };
    },
    rollback: async (argument) => {
      const name = refuseSystemName(argument.text("name"));
      const wanted = argument.optionalString("tech_id") || undefined;
      const { techID, settings } = state.names.earlier(
        name,
        wanted && (techIDOf(wanted) ?? wanted),
      );
      const failure = await prepare({ name, techID, settings });
      const { now, changed } = await moveName(state, name, () =>
        state.names.rollback(name, techID),
      );
      const { revision } = now;
      return {
        json: answerOf({ status: true, name, tech_id: techID, revision, changed }, failure),
      };
    },
    functions: () => ({ json: { status: true, functions: functionSummaries(parts) } }),
  };
}

function deployOperations(parts: RegistryParts): Operations {
  const { state, prepare } = parts;
  return {
    deploy: async (argument) => {
      const name = refuseSystemName(argument.text("name"));
      const techID = argument.text("tech_id");
      const wanted: Deploy = {
        name,
        techID: techIDOf(techID) ?? techID,
        settings: parseSettings(argument.raw("settings")),
        plugs: [
          ...argument.objects("plugs").map((one) => functionPlug(one, name)),
          ...argument.objects("files").map((one) => filePlug(one, state)),
        ],
        filters: argument.objects("filters").map(filterOf),
      };
      for (const plug of wanted.plugs) refuseSystemPlace(parts, anyHost(plug));
      if (!argument.flag("force")) refuseDebugged(parts, wanted);
      if (argument.flag("blob_follows")) await state.blobs.arrival(wanted.techID, FOLLOWS_MS);
      const failure = await prepare(wanted);
      const answer = await deploy(state, wanted);
      return { json: answerOf(answer, failure) };
    },
    undeploy: async (argument) => ({
      json: await undeploy(state, refuseSystemName(argument.text("name"))),
    }),
  };
}

function answerOf(answer: DeployAnswer, failure: MocError | undefined): DeployAnswer {
  if (!failure) return answer;
  const { code, message, position } = failure;
  return { ...answer, problem: { code, message, ...(position && { position }) } };
}

/**
 * Without them nobody could repair what is broken: they are replaced by an update of the platform only.
 * @throws MOC_CONFLICT
 */
function refuseSystemName(name: string): string {
  if (!isSystemFunction(name)) return name;
  throw new MocError(
    "MOC_CONFLICT",
    `'${name}' is the platform's own function; choose another name`,
  );
}

/**
 * The debugger's breakpoints are in the version that it is attached to.
 * @throws MOC_CONFLICT
 */
function refuseDebugged({ state, debugging }: RegistryParts, { name, techID }: Deploy): void {
  if (!debugging.isDebugged(name) || state.names.get(name)?.techID === techID) return;
  throw new MocError(
    "MOC_CONFLICT",
    `'${name}' is being debugged: end that first, or replace its debug build by "moc deploy --force" (REST: field force)`,
  );
}

/** @throws MOC_CONFLICT as above */
function refuseSystemPlace<T extends PlugPlace>(parts: RegistryParts, place: T): T {
  const present = parts.state.plugs.find(place);
  if (present?.owner === undefined || !isSystemFunction(present.owner)) return place;
  throw new MocError(
    "MOC_CONFLICT",
    `${plugTitle(present)} belongs to '${present.owner}', the platform's own function; choose another path`,
  );
}

/** One for a host of its own would hide the platform's just as well. */
function anyHost({ method, path }: PlugPlace): PlugPlace {
  return { method, path };
}

function plugOperations(parts: RegistryParts): Operations {
  const { state } = parts;
  const plug = async (wanted: NewPlug): Promise<OperationAnswer> => {
    refuseSystemPlace(parts, anyHost(wanted));
    await state.plugs.plug(wanted);
    return DONE;
  };
  return {
    plugFunction: (argument) =>
      plug({
        ...functionPlug(argument, argument.text("name")),
        method: argument.text("method"),
      }),
    plugFile: (argument) =>
      plug({
        type: "file",
        method: argument.text("method"),
        host: argument.optionalString("host"),
        path: argument.text("path"),
        name: argument.text("name"),
        tags: tagsOf(argument),
      }),
    unplug: (argument) => {
      const place = {
        method: argument.text("method"),
        host: argument.optionalString("host"),
        path: argument.text("path"),
      };
      return removal(state.plugs.unplug(refuseSystemPlace(parts, place)));
    },
    plugFilter: async (argument) => {
      const filter = await state.filters.plug({
        name: argument.text("name"),
        ...filterOf(argument),
      });
      return { json: { status: true, filter_id: filter.id } };
    },
    unplugFilter: (argument) => {
      return removal(state.filters.unplug(argument.text("filter-id")));
    },
    plugs: () => ({ json: { status: true, plugs: state.plugs.list() } }),
    matchPlug: (argument) => {
      const host = argument.optionalString("host") ?? "";
      const path = argument.text("path").split("?", 1)[0] ?? "";
      const match = state.plugs.match(argument.text("method"), host, path);
      return {
        json: {
          status: true,
          ...(match && { plug: match.plug }),
          params: match?.params ?? {},
          filters: match?.plug.type === "function" ? state.filters.list() : [],
        },
      };
    },
    filters: () => ({ json: { status: true, filters: state.filters.list() } }),
  };
}

/** Removing what is not there is no error in the original; ours says so in the answer. */
async function removal(done: Promise<void>): Promise<OperationAnswer> {
  try {
    await done;
    return DONE;
  } catch (error) {
    if (!(error instanceof MocError) || error.code !== "MOC_NOT_FOUND") throw error;
    return { json: { status: true, removed: false } };
  }
}

/** Moves a name and tells of it, unless it stayed where it was. */
async function moveName(
  state: PlatformState,
  name: string,
  move: () => Promise<Name>,
): Promise<{ readonly now: Name; readonly changed: readonly string[] }> {
  const before = state.names.get(name)?.revision;
  const now = await move();
  await state.unused.removeReleased();
  const { techID, revision } = now;
  if (revision === before) return { now, changed: [] };
  const changed = [`${name} is now ${techID.slice(0, 12)} (revision ${revision})`];
  state.events.emit({ kind: "deployed", at: Date.now(), name, techID, revision, changed });
  return { now, changed };
}

function blobOf(state: PlatformState, argument: Arguments): Blob {
  const reference = argument.text("tech_id");
  return state.blobs.require(techIDOf(reference) ?? reference);
}

function functionPlug(argument: Arguments, name: string): NewPlug {
  return {
    type: "function",
    method: argument.optionalString("method") || "get",
    host: argument.optionalString("host"),
    path: argument.text("path"),
    name,
    start_function: argument.optionalString("start_function") ?? "",
    data: argument.optionalString("data") ?? "",
    tags: tagsOf(argument),
  };
}

function filePlug(argument: Arguments, state: PlatformState): NewPlug {
  return {
    type: "file",
    method: "get",
    host: argument.optionalString("host"),
    path: argument.text("path"),
    name: `techID://${blobOf(state, argument).techID}`,
    tags: {},
  };
}

function filterOf(argument: Arguments) {
  return {
    start_function: argument.optionalString("start_function"),
    data: argument.optionalString("data"),
    order: argument.optionalInteger("order", -1_000_000, 1_000_000),
  };
}

function tagsOf(argument: Arguments): Readonly<Record<string, string>> {
  const tags = argument.raw("tags");
  return tags === undefined || tags === null ? {} : asTags(tags, argument.title("tags"));
}
