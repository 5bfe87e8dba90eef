import { resolveTarget } from "../../devkit/target.ts";
import { MocError } from "../protocol/errors.ts";
import { type TargetArguments, targetOptions } from "./target-options.ts";

/** The original's default, for when nothing says anything else. */
const DEFAULT_BASE_URL = "https://localhost:8443";

/** Address below which the runtime's own paths lie, running or not. */
export async function remoteAddress(options: TargetArguments): Promise<string> {
  try {
    const { baseUrl } = await resolveTarget(targetOptions(options));
    return `${baseUrl}/my-own-cluster`;
  } catch (error) {
    if (!(error instanceof MocError) || error.code !== "MOC_UNREACHABLE") throw error;
    return `${DEFAULT_BASE_URL}/my-own-cluster`;
  }
}
