/**
 * Compilers fetched on demand, for real: the builders are bundled into a folder without packages, as
 * they are installed on a user's machine, and find an empty cache. Without a network it is skipped.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { temporaryFolder, writeFiles, writeProject } from "../testing.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Builds the function in the folder of its argument, and prints what happened. */
const PROGRAM = `
import { builderFor, closeBuilders } from "./list.ts";
import { readProject } from "../manifest.ts";
const project = await readProject(process.argv[2]);
const progress = [];
try {
  const both = await Promise.all(process.argv.slice(2).map(async (folder) => {
    const result = await builderFor(project).build(await readProject(folder), {
      onProgress: (message, fraction) => progress.push([message, fraction]),
    });
    return result.ok ? result.artifact.length : result.output;
  }));
  console.log(JSON.stringify({ artifacts: both, progress }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message, progress }));
}
await closeBuilders();
`;

interface Said {
  readonly artifacts?: readonly (number | string)[];
  readonly code?: string;
  readonly message?: string;
  readonly progress: readonly (readonly [message: string, fraction?: number])[];
}

/** @param tamper - changes the lock of the tools, as a tampered package would */
async function install(
  t: TestContext,
  tamper = (locks: string) => locks,
): Promise<(env: NodeJS.ProcessEnv, ...folders: readonly string[]) => Promise<Said>> {
  const folder = await temporaryFolder(t);
  await build({
    stdin: { contents: PROGRAM, resolveDir: HERE, sourcefile: "program.ts", loader: "ts" },
    outfile: join(folder, "program.js"),
    ...BUNDLE,
    plugins: [
      {
        name: "tamper",
        setup: ({ onLoad }) =>
          onLoad({ filter: /npm-tools\.json$/ }, async ({ path }) => ({
            contents: tamper(await readFile(path, "utf8")),
            loader: "json",
          })),
      },
    ],
  });
  const workers = ["clang-worker", "asc-worker"].map((name) => join(HERE, `${name}.ts`));
  await build({ entryPoints: workers, outdir: folder, ...BUNDLE });
  await writeFiles(folder, { "package.json": '{"type":"module"}' });
  const cache = { MOC_CACHE: join(folder, "cache"), npm_config_cache: join(folder, "npm") };
  return (env, ...folders) => run(join(folder, "program.js"), { ...cache, ...env }, folders);
}

const BUNDLE: BuildOptions = {
  bundle: true,
  platform: "node",
  format: "esm",
  mainFields: ["module", "main"],
  logLevel: "error",
};

async function run(
  program: string,
  env: NodeJS.ProcessEnv,
  folders: readonly string[],
): Promise<Said> {
  const child = spawn(process.execPath, [program, ...folders], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = (await child.stdout.setEncoding("utf8").toArray()).join("");
  return JSON.parse(text) as Said;
}

/** Marks the test as skipped when there is no way to npm's registry. */
function isOffline(t: TestContext, { message = "" }: Said): boolean {
  const offline = /could not be fetched by npm.*connect to the network/.test(message);
  if (offline) t.skip(`no network: ${message}`);
  return offline;
}

const C = { "main.c": "int handle(void) { return 200; }\n" };
const ASSEMBLYSCRIPT = { "assembly/index.ts": "export function handle(): i32 { return 200 }\n" };
const WAT = { "main.wat": '(module (func (export "handle") (result i32) i32.const 200))\n' };

test("@yowasp/clang and AssemblyScript are fetched once, with progress, and compile", async (t) => {
  const build = await install(t);
  const sources = await temporaryFolder(t);
  const compiler = { language: "c", compiler: "yowasp-clang" } as const;
  const one = await writeProject(sources, { name: "one", ...compiler }, C);
  const two = await writeProject(sources, { name: "two", ...compiler }, C);
  const fetched = await build({}, one.folder, two.folder);
  if (isOffline(t, fetched)) return;
  assert.equal(fetched.message, undefined);
  for (const artifact of fetched.artifacts ?? []) assert.ok(Number(artifact) > 8, String(artifact));
  const starts = fetched.progress.filter(([, fraction]) => fraction === 0);
  assert.equal(starts.length, 1, "two builds at once fetch it once");
  assert.match(starts[0]?.[0] ?? "", /^Fetching @yowasp\/clang \S+ \(about 105 MB\), once$/);
  assert.ok(fetched.progress.some(([message]) => message.startsWith("Waiting for @yowasp/clang")));
  assert.ok(fetched.progress.some(([message]) => /: \d+ %$/.test(message)));
  const again = await build({ npm_config_registry: "http://127.0.0.1:1" }, one.folder);
  assert.deepEqual(again.progress, []);
  assert.ok(Number(again.artifacts?.[0]) > 8);

  const asc = { name: "asc", language: "assemblyscript" } as const;
  const third = await build({}, (await writeProject(sources, asc, ASSEMBLYSCRIPT)).folder);
  assert.match(third.progress[0]?.[0] ?? "", /^Fetching assemblyscript /);
  assert.ok(Number(third.artifacts?.[0]) > 8, JSON.stringify(third));
});

test("without a network, and with another package than the pinned one: told, and nothing is left", async (t) => {
  const sources = await temporaryFolder(t);
  const { folder } = await writeProject(sources, { name: "wat", language: "wat" }, WAT);
  const build = await install(t);
  const offline = await build({ npm_config_registry: "http://127.0.0.1:1" }, folder);
  assert.equal(offline.code, "MOC_TOOLCHAIN_MISSING");
  assert.match(offline.message ?? "", /^wabt \S+ could not be fetched by npm: .*\(ECONNREFUSED\)/);
  assert.match(offline.message ?? "", /To go on, connect to the network/);

  const cache = join(sources, "cache");
  const wrong = await install(t, (locks) => locks.replaceAll(/sha512-[^"]+/g, OTHER_INTEGRITY));
  const tampered = await wrong({ MOC_CACHE: cache }, folder);
  if (isOffline(t, tampered)) return;
  assert.equal(tampered.code, "MOC_TOOLCHAIN_MISSING");
  assert.match(tampered.message ?? "", /wanted sha512-AAAA.*\(EINTEGRITY\)/);
  assert.deepEqual(await readdir(join(cache, "tools")), []);
});

const OTHER_INTEGRITY = `sha512-${"A".repeat(86)}==`;
