import type { Engine } from "../engines/engine.ts";
import type { BoundModule } from "../guest-api/define.ts";
import { MocError } from "../protocol/errors.ts";
import type { CallMessage, FunctionImage } from "../protocol/executor-messages.ts";
import type { HostClient } from "../protocol/host-ops.ts";
import { GuestCall } from "./guest-call.ts";

/** The second call finds the first one's instance used, and restores it. */
const CALLS = 2;

const HEADERS = JSON.stringify({
  "x-moc-host": "localhost",
  "x-moc-method": "get",
  "x-moc-request-uri": "/",
});

const CALL: CallMessage = {
  kind: "call",
  call: 0,
  startFunction: "",
  mode: undefined,
  arguments: [],
  posixFileName: "",
  posixArguments: [],
  headers: HEADERS,
  messages: false,
  sink: false,
  trace: false,
};

/**
 * Runs the engines' rehearsals, as long as they are wanted: a function that comes meanwhile is more
 * important.
 */
export async function rehearse(
  engines: readonly Engine[],
  modules: readonly BoundModule[],
  host: HostClient,
  isWanted: () => boolean,
): Promise<void> {
  for (const engine of engines) {
    for (const image of engine.rehearsals ?? []) {
      if (!isWanted()) return;
      await run(engine, image, modules, host);
    }
  }
}

async function run(
  engine: Engine,
  image: FunctionImage,
  modules: readonly BoundModule[],
  host: HostClient,
): Promise<void> {
  const silent = () => undefined;
  const loaded = await engine.load(image, {
    modules,
    resolveModule: async () => undefined,
    log: silent,
  });
  const place = { hostOf: () => host, log: silent, kv: { get: async () => undefined } };
  for (let i = 0; i < CALLS; i++) {
    const call = new GuestCall(CALL, image, place);
    const { error } = await call.run(loaded);
    if (error) throw new MocError("MOC_INTERNAL", `a rehearsal failed: ${error.message}`);
  }
  loaded.close();
}
