/**
 * The platform's REST API, itself a function: see runtime/protocol/rest.ts for what it answers, and
 * runtime/system/install.ts for where it is plugged.
 */
import { MocError } from "../../protocol/errors.ts";
import { REST, type RestName } from "../../protocol/rest.ts";
import { answerError } from "./answer.ts";
import { core } from "./apis.ts";
import { serve } from "./calls.ts";

const ENTRIES = {
  // The original's start functions.
  registerBlob: () => serve("registerBlob"),
  plugFile: () => serve("plugFile"),
  plugFunction: () => serve("plugFunction"),
  unplugPath: () => serve("unplug"),
  callFunction: () => serve("callFunction"),
  plugFilter: () => serve("plugFilter"),
  unplugFilter: () => serve("unplugFilter"),
  exportDatabase: () => serve("exportDatabase"),
  /** All others: the plug's data is the name of the call. */
  handle: () => {
    const headers = core.readExchangeBufferHeaders(core.getInputBufferId());
    const name = headers["x-moc-plug-data"] ?? "";
    if (Object.hasOwn(REST, name)) return serve(name as RestName);
    return answerError(new MocError("MOC_NOT_FOUND", `the REST API has no call '${name}'`));
  },
};

Object.assign(globalThis, ENTRIES);
