import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { Client } from "../devkit/client.ts";
import { createFunction, listTemplates } from "../devkit/templates.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import { startBrowser } from "./browser.ts";
import { codeServer } from "./code-server.ts";
import { type ServerOptions, VSCodeServer } from "./vscode-server.ts";
import { packagedExtension } from "./vsix.ts";
import { ARTIFACTS, Workbench } from "./workbench.ts";

const WAIT_MS = 20_000;

/** A real editor with our packaged extension, for the tests of one file. */
export class Editor implements AsyncDisposable {
  readonly server: VSCodeServer;
  readonly browser: Browser;
  readonly #folders: string[] = [];

  private constructor(server: VSCodeServer, browser: Browser) {
    this.server = server;
    this.browser = browser;
  }

  /** Starts it, or answers why that is not possible here. */
  static async start(options: Partial<ServerOptions> = {}): Promise<Editor | string> {
    const code = await codeServer();
    if ("missing" in code) return code.missing;
    const vsix = options.vsix ?? (await packagedExtension());
    const server = await VSCodeServer.start(code, { ...options, vsix });
    try {
      return new Editor(server, await startBrowser());
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A workspace folder of its own, with functions made from templates. */
  async workspace(functions: Readonly<Record<string, string>> = {}): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "moc-ws-"));
    this.#folders.push(folder);
    const templates = await listTemplates();
    for (const [name, id] of Object.entries(functions)) {
      const template = templates.find((one) => one.id === id);
      if (!template) throw new Error(`there is no template ${id}`);
      await createFunction({ template, name, folder: join(folder, name) });
    }
    return folder;
  }

  open(folder: string): Promise<Workbench> {
    return Workbench.open(this.browser, this.server.windowUrl(folder));
  }

  /** The runtime that the editor started for the only workspace with one, when it is there. */
  async instance(): Promise<InstanceFile> {
    return eventually(async () => {
      const found = await this.instances();
      if (found.length !== 1) throw new Error(`${found.length} instances`);
      return found[0] as InstanceFile;
    });
  }

  /** All instance files below the extension's storage. */
  async instances(): Promise<InstanceFile[]> {
    const storage = join(this.server.base, "data", "User", "globalStorage");
    await mkdir(storage, { recursive: true });
    const names = await readdir(storage, { recursive: true });
    const files = names.filter((name) => name.endsWith("instance.json"));
    return Promise.all(
      files.map(async (file) => JSON.parse(await readFile(join(storage, file), "utf8"))),
    );
  }

  /** Copies the extension's logs beside the pictures. */
  async keepLogs(name: string): Promise<void> {
    const logs = join(this.server.base, "data", "logs");
    const files = (await readdir(logs, { recursive: true })).filter((file) =>
      /My Own Cluster.*\.log$/.test(file),
    );
    await mkdir(ARTIFACTS, { recursive: true });
    for (const file of files) {
      const flat = file.replaceAll(/[\\/]/g, "-");
      await copyFile(join(logs, file), join(ARTIFACTS, `${name}-${flat}`));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.instances();
    await this.browser.close();
    await this.server[Symbol.asyncDispose]();
    for (const { pid } of left) {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    }
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a scenario in a window of its own; a picture is kept when it fails. */
export async function inWindow(
  editor: Editor,
  folder: string,
  run: (bench: Workbench) => Promise<void>,
  name: string,
): Promise<void> {
  const bench = await editor.open(folder);
  try {
    await run(bench);
  } catch (error) {
    await bench.picture(`failed-${name}`);
    await editor.keepLogs(`failed-${name}`);
    throw error;
  } finally {
    await bench[Symbol.asyncDispose]();
  }
}

/** Marks a test as skipped with the reason when there is no editor. */
export function hasEditor(editor: Editor | string, test: TestContext): editor is Editor {
  if (typeof editor !== "string") return true;
  test.skip(`no real VS Code here: ${editor}`);
  return false;
}

/** A client of a runtime. */
export function clientOf({ url, token, certificate }: InstanceFile): Client {
  return new Client({ baseUrl: url, token, certificate });
}

/** Text that a function answers. */
export async function fetchText(instance: InstanceFile, path: string): Promise<string> {
  const client = clientOf(instance);
  try {
    const { body } = await client.fetchFunction({ path });
    return new TextDecoder().decode(body);
  } finally {
    client.close();
  }
}

/** Tries until it does not throw. */
export async function eventually<T>(run: () => Promise<T> | T, withinMs = WAIT_MS): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}
