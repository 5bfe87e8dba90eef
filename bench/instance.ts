/** A runtime as users start it, in a process of its own, and the functions that are measured. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "../devkit/client.ts";
import { resolveTarget } from "../devkit/target.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import type { DeployPlug } from "../runtime/protocol/rest-deploy.ts";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export interface Instance {
  readonly pid: number;
  /** Plain http, so that what is compared does the same work. */
  readonly http: string;
  readonly https: string;
  readonly certificate: string;
  readonly client: Client;
  readonly dataFolder: string;
  /** From the start of the process to a live instance file, in ms. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

export async function startInstance(
  args: readonly string[] = [],
  dataFolder?: string,
): Promise<Instance> {
  const folder = dataFolder ?? (await mkdtemp(join(tmpdir(), "moc-bench-")));
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [CLI, "serve", "--port", "0", "--http-port", "0", "--data", folder, ...args],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const instance = await waitFor(folder, child);
  const readyMs = performance.now() - startedAt;
  const client = new Client(await resolveTarget({ dataFolder: folder }));
  return {
    pid: instance.pid,
    http: `http://127.0.0.1:${instance.httpPort}`,
    https: instance.url,
    certificate: instance.certificate,
    client,
    dataFolder: folder,
    readyMs,
    async stop() {
      client.close();
      await new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      });
      if (!dataFolder) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitFor(folder: string, child: ChildProcess): Promise<InstanceFile> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the runtime ended with code ${child.exitCode}`);
    try {
      const instance: InstanceFile = JSON.parse(
        await readFile(join(folder, "instance.json"), "utf8"),
      );
      if (instance.pid === child.pid) return instance;
    } catch {
      // Not written yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface Deployment {
  readonly name: string;
  readonly contentType: string;
  readonly code: string | Uint8Array;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly plugs?: readonly DeployPlug[];
}

/** Uploads and deploys; answers how long that took, in ms. */
export async function deploy(client: Client, one: Deployment): Promise<number> {
  const startedAt = performance.now();
  const body = typeof one.code === "string" ? new TextEncoder().encode(one.code) : one.code;
  const { tech_id } = await client.call(
    "putBlob",
    { body },
    { headers: { "content-type": one.contentType } },
  );
  await client.call("deploy", {
    body: {
      name: one.name,
      tech_id,
      settings: one.settings ?? {},
      plugs: (one.plugs ?? [{ path: `/${one.name}` }]) as unknown as readonly Record<
        string,
        unknown
      >[],
    },
  });
  return performance.now() - startedAt;
}
