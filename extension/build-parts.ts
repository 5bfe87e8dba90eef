/**
 * The extension's own bundle in two parts: dist/extension.cjs is what activation needs, and
 * dist/extension-later.cjs all that is behind an `import()`, loaded when it is first wanted. esbuild
 * cuts ES modules only, and into dozens of files, each of which takes an editor as long as 20 KB of code.
 */
import { dirname, relative, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

const MAIN = "./extension.cjs";
const LATER = "./extension-later.cjs";
/** Of our own sources; packages that both parts need are in both. */
const OWN = /^\.{1,2}\/.*\.ts$/;
/**
 * The devkit finds its templates and builders beside its own module. Of each `require`, and a bundle
 * has one for each import of each file, editors look up who asks, and they put a proxy before Node's
 * https: the runtime is on this machine, and asked for by each save.
 */
const BANNER = `const moduleUrl = require("node:url").pathToFileURL(__filename).href;
require = ((ask, known) => (name) =>
  (known[name] ??= process.getBuiltinModule(name) ?? ask(name)))(require, {});`;

type Part = BuildOptions & { readonly metafile: true };

/** @param common - what all bundles of the extension have in common */
export async function buildParts(
  common: BuildOptions,
  entry: string,
  folder: string,
): Promise<void> {
  const root = dirname(entry);
  const key = (file: string): string => relative(root, file).replaceAll("\\", "/");
  const options: BuildOptions = {
    ...common,
    platform: "node",
    target: "node22",
    format: "cjs",
    absWorkingDir: root,
    define: { "import.meta.url": "moduleUrl" },
    banner: { js: BANNER },
  };
  const part = (contents: string, outfile: string, plugin: Plugin): Part => ({
    ...options,
    stdin: { contents, resolveDir: root },
    outfile: resolve(folder, outfile),
    plugins: [plugin],
    metafile: true,
  });

  const wanted = new Set<string>();
  const behindImport = elsewhere(LATER, key, ({ kind }, file) => {
    if (kind === "dynamic-import") wanted.add(file);
    return kind === "dynamic-import";
  });
  const activation = `export { activate } from "./${key(entry)}";`;
  const draft = await build({ ...part(activation, MAIN, behindImport), write: false });
  const inMain = new Set(modulesIn(draft.metafile).map((path) => resolve(root, path)));
  const shared = new Set<string>();
  const fromMain = elsewhere(MAIN, key, ({ importer }, file) => {
    if (!inMain.has(file) || importer === "") return false;
    shared.add(file);
    return true;
  });
  const later = await build(part(namespaces([...wanted].map(key)), LATER, fromMain));
  const exported = namespaces([...shared].map(key).sort());
  const main = await build(part(`${activation}\n${exported}`, MAIN, behindImport));
  // What is exported for the later part may need more than activation does.
  const present = new Set(modulesIn(main.metafile));
  const twice = modulesIn(later.metafile).filter(
    (path) => path.endsWith(".ts") && present.has(path),
  );
  if (twice.length > 0) throw new Error(`in both parts of the extension: ${twice.join(", ")}`);
}

/** Paths of the modules of which something is in a bundle, from the working folder. */
function modulesIn({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
}

/** Exports each module as a whole under its key. */
function namespaces(keys: readonly string[]): string {
  return keys.map((key) => `export * as "${key}" from "./${key}";`).join("\n");
}

type Import = Parameters<Parameters<Parameters<Plugin["setup"]>[0]["onResolve"]>[1]>[0];

/** Takes modules that are not to be in this part from the file that has them. */
function elsewhere(
  part: string,
  key: (file: string) => string,
  isThere: (one: Import, file: string) => boolean,
): Plugin {
  return {
    name: "elsewhere",
    setup: (build) => {
      build.onResolve({ filter: OWN }, (one) => {
        const path = resolve(one.resolveDir, one.path);
        return isThere(one, path) ? { path, namespace: part } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: part }, ({ path }) => ({
        contents: `module.exports = require("${part}")["${key(path)}"];`,
      }));
      build.onResolve({ filter: /\.cjs$/, namespace: part }, ({ path }) => ({
        path,
        external: true,
      }));
    },
  };
}
