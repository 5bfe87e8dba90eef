import { readProject } from "../../devkit/manifest.ts";

/** The name that was given, else that of the function in the working folder. */
export async function functionName(given: string | undefined): Promise<string> {
  return given ?? (await readProject(".")).manifest.name;
}
