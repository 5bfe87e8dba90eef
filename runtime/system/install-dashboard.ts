import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deploy } from "../core/deploy.ts";
import type { PlatformState } from "../core/platform-state.ts";
import type { NewPlug } from "../core/plugs.ts";
import { SYSTEM_FUNCTIONS, SYSTEM_TAGS } from "../protocol/system-plug.ts";
import { systemGuest } from "./system-guest.ts";

const NAME = SYSTEM_FUNCTIONS.dashboard;
const ROOT = "/dashboard/";

/** Files of the web application, and what they are. */
const FILES: Readonly<Record<string, string>> = {
  "dashboard.js": "text/javascript",
  "dashboard.css": "text/css",
};

/**
 * Deploys the dashboard as a function with two files. Writes nothing when nothing changed; in a
 * checkout that was never built there is nothing to deploy.
 */
export async function installDashboard(state: PlatformState): Promise<void> {
  const folder = bundleFolder();
  if (!existsSync(join(folder, "dashboard.js"))) return;
  const page = await state.blobs.register("text/javascript", await systemGuest("dashboard"));
  const files = Object.entries(FILES).map(async ([file, contentType]): Promise<NewPlug> => {
    const bytes = await readFile(join(folder, file));
    const { techID } = await state.blobs.register(contentType, bytes);
    return {
      type: "file",
      method: "get",
      path: ROOT + file,
      name: `techID://${techID}`,
      tags: SYSTEM_TAGS,
    };
  });
  await deploy(state, {
    name: NAME,
    techID: page.techID,
    settings: { language: "javascript" },
    plugs: [
      {
        type: "function",
        method: "get",
        path: ROOT,
        name: NAME,
        start_function: "page",
        data: "",
        tags: SYSTEM_TAGS,
      },
      ...(await Promise.all(files)),
    ],
    filters: [],
    takesOver: true,
  });
}

function bundleFolder(): string {
  const sources = import.meta.url.endsWith(".ts");
  return fileURLToPath(new URL(sources ? "../../dist/webview" : "webview", import.meta.url));
}
