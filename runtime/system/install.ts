import { deploy } from "../core/deploy.ts";
import type { PlatformState } from "../core/platform-state.ts";
import type { NewPlug } from "../core/plugs.ts";
import type { FunctionSettings } from "../protocol/model.ts";
import { API_ROOT, REST } from "../protocol/rest.ts";
import type { RestCall } from "../protocol/rest-vocabulary.ts";
import { SYSTEM_FUNCTIONS, SYSTEM_TAGS } from "../protocol/system-plug.ts";
import { systemGuest } from "./system-guest.ts";

/** Calls that the original plugs on start functions of their own. */
const ORIGINAL_ENTRIES: { readonly [name: string]: string } = {
  registerBlob: "registerBlob",
  plugFile: "plugFile",
  plugFunction: "plugFunction",
  unplug: "unplugPath",
  callFunction: "callFunction",
  plugFilter: "plugFilter",
  unplugFilter: "unplugFilter",
  exportDatabase: "exportDatabase",
};

/** Backups, event streams and base64 of whole modules pass through it. */
const SETTINGS: FunctionSettings = {
  language: "javascript",
  capabilities: ["platform"],
  limits: {
    memoryMiB: 1024,
    timeoutMs: 3_600_000,
    cpuMs: 60_000,
    requestMiB: 4096,
    responseMiB: 4096,
  },
};

/**
 * Deploys the REST API, as any function is deployed. Done at each start and after each restore;
 * writes nothing when nothing changed.
 */
export async function installSystem(state: PlatformState): Promise<void> {
  const bytes = await systemGuest("core-api");
  const { techID } = await state.blobs.register("text/javascript", bytes);
  await deploy(state, {
    name: SYSTEM_FUNCTIONS.api,
    techID,
    settings: SETTINGS,
    plugs: Object.entries<RestCall>(REST).map(plugOf),
    filters: [],
    takesOver: true,
  });
}

function plugOf([name, call]: [string, RestCall]): NewPlug {
  const original = ORIGINAL_ENTRIES[name];
  return {
    type: "function",
    method: call.method,
    path: API_ROOT + call.path,
    name: SYSTEM_FUNCTIONS.api,
    start_function: original ?? "handle",
    data: original ? "" : name,
    tags: SYSTEM_TAGS,
  };
}
