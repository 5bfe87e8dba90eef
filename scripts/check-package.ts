import { stat } from "node:fs/promises";
import { BUDGET_BYTES, isNative, nativeFiles, type Target } from "./package-targets.ts";
import { zipNames } from "./zip-names.ts";

/** What a package may hold, below its folder `extension`. */
const ALLOWED =
  /^(package(\.nls)?\.json|readme\.md|changelog\.md|LICENSE\.txt|(dist|docs\/pictures|l10n|schemas|templates|extension\/(media|snippets|languages)|node_modules)\/.+)$/;
/** Of the checkout only, wherever it lies. */
const FORBIDDEN =
  /\.map$|\.test\.[jt]s$|\.vsix$|^templates\/([^/]+$|.*\/node_modules\/)|^(?!templates\/).*\/\.[^/]+$/;
/** Without these nothing works. */
const NEEDED = [
  "package.json",
  "readme.md",
  "dist/extension.cjs",
  "dist/extension-later.cjs",
  "dist/cli.js",
  "dist/executor.js",
  "dist/gpu.js",
  "dist/keeper.mjs",
  "dist/assets/quickjs.wasm",
  "schemas/moc.schema.json",
  "extension/media/icon.png",
  "templates/javascript/template.json",
  "node_modules/classic-level/package.json",
  "node_modules/naga-wasm/package.json",
] as const;

/**
 * What is wrong with a packaged extension; empty: nothing.
 * @param target absent: it is the universal one
 */
export async function checkPackage(file: string, target?: Target): Promise<readonly string[]> {
  const { size } = await stat(file);
  const names = await zipNames(file);
  const budget = BUDGET_BYTES[target ? "platform" : "universal"];
  return [
    ...(size > budget ? [`${size} bytes are more than ${budget}`] : []),
    ...checkContent(names, target),
  ];
}

/** The part of {@link checkPackage} that looks at names of files. */
export function checkContent(names: readonly string[], target?: Target): readonly string[] {
  const inside = names
    .filter((name) => name.startsWith("extension/"))
    .map((name) => name.slice("extension/".length));
  const has = new Set(inside);
  const wanted = new Set<string>(target && nativeFiles(target).map((one) => `node_modules/${one}`));
  const natives = inside.filter(isNative);
  const foreign = target
    ? natives.filter((name) => !wanted.has(name))
    : natives.filter((name) => !name.startsWith("node_modules/classic-level/prebuilds/"));
  return [
    ...inside.filter((name) => !ALLOWED.test(name)).map((name) => `${name} is not allowed`),
    ...inside.filter((name) => FORBIDDEN.test(name)).map((name) => `${name} is of the checkout`),
    ...[...NEEDED, ...wanted].filter((name) => !has.has(name)).map((name) => `${name} is missing`),
    ...foreign.map((name) => `${name} is code of another platform`),
  ];
}
