import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("guest/core-api.ts", import.meta.url));

/** Bundles the REST API's guest into one script with global start functions. */
export async function buildSystemGuest(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
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
