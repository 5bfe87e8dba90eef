/** Folders, functions and a real platform for the devkit's tests. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { startRuntime } from "../runtime/runtime.ts";
import type { RuntimeOptions } from "../runtime/runtime-options.ts";
import { type Client, connect } from "./client.ts";
import { type FunctionProject, readProject } from "./manifest.ts";
import type { Manifest } from "./manifest-shape.ts";

/** A folder that is gone when the test is over. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "moc-devkit-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** A function in a folder of its own below the given one. */
export async function writeProject(
  parent: string,
  manifest: Manifest,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<FunctionProject> {
  const folder = join(parent, manifest.name);
  await writeFiles(folder, { "moc.json": JSON.stringify(manifest), ...files });
  return readProject(folder);
}

interface TestPlatform {
  readonly client: Client;
  readonly dataFolder: string;
  /** Ends it before the test does. */
  stop(): Promise<void>;
}

/** A real platform on a port and a folder of its own. */
export async function startPlatform(
  t: TestContext,
  dataFolder: string,
  options: Omit<RuntimeOptions, "dataFolder"> = {},
): Promise<TestPlatform> {
  const runtime = await startRuntime({ dataFolder, port: 0, ...options });
  const client = await connect({ dataFolder });
  t.after(async () => {
    client.close();
    await runtime.stop();
  });
  return { client, dataFolder, stop: () => runtime.stop() };
}
