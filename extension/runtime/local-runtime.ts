import { access } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "../../devkit/client.ts";
import { isAlive } from "../../devkit/is-alive.ts";
import { ensureRuntime, type RuntimeHandle } from "../../devkit/runtime-process.ts";
import type { InstanceFile } from "../../runtime/protocol/model.ts";
import { chooseExecutable, type ExecutableOptions } from "./executable.ts";
import { leaseFolder } from "./leases.ts";
import type { RuntimePort } from "./runtime-control.ts";

interface LocalRuntimeOptions {
  readonly dataFolder: string;
  /** Folder with cli.js and keeper.mjs. */
  readonly distFolder: string;
  readonly port: number;
  /** Address to listen on; 127.0.0.1 or empty: all that only this machine has. */
  readonly host: string;
  /** As `moc serve --gpu-adapter` takes it; empty: the best there is. */
  readonly gpuAdapter: string;
  readonly keepAliveSeconds: number;
  readonly executable: ExecutableOptions;
  readonly onOutput: (line: string) => void;
}

/** Variables of the editor that must not reach the runtime or the compilers it is asked to run. */
const EDITOR_VARIABLES = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/;

/** The runtime of one data folder on this machine; `options` are read anew at each start. */
export function localRuntime(options: () => LocalRuntimeOptions): RuntimePort {
  return {
    ensure: () => start(options()),
    crashed: (instance) => crashed(options().dataFolder, instance),
    client: ({ url, token, certificate }) =>
      new Client({ baseUrl: url, token, certificate, dataFolder: options().dataFolder }),
  };
}

async function start(options: LocalRuntimeOptions): Promise<RuntimeHandle> {
  const executable = await chooseExecutable(options.executable);
  const keeper = join(options.distFolder, "keeper.mjs");
  const inherited = Object.entries(process.env).filter(([name]) => !EDITOR_VARIABLES.test(name));
  return ensureRuntime({
    dataFolder: options.dataFolder,
    command: [
      executable.path,
      "--import",
      pathToFileURL(keeper).href,
      join(options.distFolder, "cli.js"),
    ],
    arguments: [
      `--port=${options.port}`,
      `--gpu-adapter=${options.gpuAdapter}`,
      ...(options.host === "" || options.host === "127.0.0.1" ? [] : [`--host=${options.host}`]),
    ],
    env: {
      ...Object.fromEntries(inherited),
      ...executable.env,
      MOC_KEEPER_FOLDER: leaseFolder(options.dataFolder),
      MOC_KEEPER_GRACE_SECONDS: String(options.keepAliveSeconds),
    },
    lifetime: "detached",
    onOutput: options.onOutput,
  });
}

/** A runtime that was asked to stop takes its instance file away; one that crashed cannot. */
async function crashed(dataFolder: string, instance: InstanceFile): Promise<boolean> {
  const left = await access(join(dataFolder, "instance.json")).then(
    () => true,
    () => false,
  );
  return left && !isAlive(instance.pid);
}
