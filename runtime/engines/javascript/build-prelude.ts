import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PART_SEPARATOR } from "./prelude-parts.ts";

/** Bundles what guests find in their global scope: the main part, then the streams. */
export async function buildPrelude(): Promise<string> {
  const [main, streams] = await Promise.all([bundle("main.ts"), bundle("streams.ts")]);
  return main + PART_SEPARATOR + streams;
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`guest/${entry}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2023",
    minify: true,
    legalComments: "none",
    platform: "neutral",
    mainFields: ["module", "main"],
  });
  const [file] = result.outputFiles;
  if (!file) throw new TypeError(`esbuild wrote nothing for ${entry}`);
  return file.text;
}
