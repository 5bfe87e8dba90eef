import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The platform's own functions: the REST API, and the dashboard's page. */
export type SystemGuest = "core-api" | "dashboard";

/** Bundles a system guest into one script with global start functions. */
export async function buildSystemGuest(guest: SystemGuest): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`guest/${guest}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    target: "es2022",
    charset: "utf8",
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (!file) throw new TypeError("esbuild made no output");
  return file.text;
}
