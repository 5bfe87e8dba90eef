import { MocError } from "../protocol/errors.ts";
import type { Capability } from "../protocol/model.ts";
import type { CallContext } from "./call-context.ts";

/** @throws MOC_CAPABILITY when the function was deployed without it */
export function requireCapability(context: CallContext, capability: Capability): void {
  if (context.capabilities.has(capability)) return;
  throw new MocError(
    "MOC_CAPABILITY",
    `function '${context.functionName}' needs the capability '${capability}' for this; add it to "capabilities" in its moc.json and deploy again`,
  );
}
