import { join, resolve } from "node:path";
import type { ServeMessage } from "../../../devkit/runtime-process.ts";
import { DEFAULT_DATA_FOLDER } from "../../../devkit/target.ts";
import { MocError } from "../../protocol/errors.ts";
import { FUNCTION_LIMITS, type FunctionLimits } from "../../protocol/limits.ts";
import type { Runtime } from "../../runtime.ts";
import type { RuntimeOptions } from "../../runtime-options.ts";
import { pruneCompiledLater } from "../compiled-folder.ts";
import { endWithFolder } from "../end-with-folder.ts";
import { endWithParent } from "../end-with-parent.ts";
import { serveSamples } from "../serve-samples.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, UsageError } from "../verb.ts";

/** A runtime that has not stopped by then is ended all the same. */
const STOP_MS_MAX = 3000;

const OPTIONS = {
  data: {
    kind: "value",
    value: "DIR",
    doc: "data folder; default: MOC_DATA, or ./my-own-cluster-data",
  },
  port: { kind: "value", value: "PORT", doc: "https port; 0 picks one; default 8443" },
  host: {
    kind: "value",
    value: "ADDRESS",
    doc: "address to listen on; default: this machine only",
  },
  httpPort: { kind: "value", value: "PORT", doc: "plain http on this port beside https" },
  hostName: { kind: "list", value: "NAME", doc: "name beside localhost that it is reached under" },
  cert: {
    kind: "value",
    value: "FILE",
    doc: "PEM certificate to use instead of a self-signed one",
  },
  key: { kind: "value", value: "FILE", doc: "PEM key of that certificate" },
  allowOutbound: {
    kind: "list",
    value: "HOST[:PORT]",
    doc: "address that functions may reach although it is not public",
  },
  outboundCa: { kind: "value", value: "FILE", doc: "further authorities for outgoing https" },
  adminAuth: { kind: "value", value: "MODE", doc: "token (default), or none on this machine only" },
  jwtIssuer: { kind: "list", value: "ISS=URL", doc: "issuer of tokens and where its JWKS is" },
  maxExecutors: { kind: "value", value: "N", doc: "executors alive at once; default 64" },
  executorsPerFunction: { kind: "value", value: "N", doc: "executors of one function at once" },
  guestMemory: {
    kind: "value",
    value: "MIB",
    doc: "memory of all functions together; default half",
  },
  ceiling: { kind: "list", value: "LIMIT=N", doc: "highest limit that a function may ask for" },
  gpuAdapter: { kind: "value", value: "NAME", doc: "part of the adapter's name, or software" },
  samples: { kind: "value", value: "DIR", doc: "deploy the functions of this folder at the start" },
  exchanges: {
    kind: "value",
    value: "on|off",
    doc: "keep headers and bodies of recent calls in memory, to look at them; default on",
  },
  trace: { kind: "flag", doc: "log every guest API call" },
  parentPid: { kind: "value", value: "PID", doc: "end when this process is gone" },
} as const;

export const verb = defineVerb({
  name: "serve",
  usage: "[FOLDER]",
  summary: "Start the runtime; everything it keeps is in its data folder.",
  details: ["FOLDER: where the default data folder is; default: here."],
  examples: [
    "moc serve",
    "moc serve --port 0 --data /tmp/try",
    "moc serve --allow-outbound db:5432",
  ],
  operands: { min: 0, max: 1 },
  options: OPTIONS,
  async run({ operands: [folder], options, terminal }) {
    const runtimeOptions: RuntimeOptions = {
      dataFolder: dataFolder(options.data, folder),
      port: port("port", options.port),
      bind: options.host,
      httpPort: port("http-port", options.httpPort),
      certFile: options.cert,
      keyFile: options.key,
      hostNames: options.hostName,
      allowOutbound: options.allowOutbound,
      outboundCaFile: options.outboundCa,
      adminAuth: adminAuth(options.adminAuth),
      trace: options.trace,
      exchanges: exchanges(options.exchanges),
      jwtIssuers: options.jwtIssuer,
      executorsMax: count("max-executors", options.maxExecutors),
      executorsPerFunction: count("executors-per-function", options.executorsPerFunction),
      guestMemoryMiB: count("guest-memory", options.guestMemory),
      ceilings: ceilings(options.ceiling),
      gpuAdapter: options.gpuAdapter,
    };
    const runtime = await start(runtimeOptions);
    stopOnSignals(runtime);
    endWithParent(count("parent-pid", options.parentPid), () => stopAndExit(runtime));
    void endWithFolder(join(runtimeOptions.dataFolder, "lock"), () => {
      const { dataFolder } = runtimeOptions;
      terminal.note(
        `error: the data folder ${dataFolder} was removed or replaced: nothing that is written now would be kept. Stopping; start again to make a new one, and "moc restore" a backup into it.`,
      );
      process.exitCode = 1;
      stopAndExit(runtime);
    });
    tellParent({ kind: "ready", instance: runtime.instance });
    if (options.samples !== undefined) {
      const certificateFile =
        runtimeOptions.certFile ?? join(runtimeOptions.dataFolder, "tls.cert.pem");
      const samples = { folder: resolve(options.samples), certificateFile };
      await serveSamples(runtime.instance, samples, terminal);
    }
    printReady(runtime, terminal, runtimeOptions);
    pruneCompiledLater();
    await runtime.ended;
    process.exit();
  },
});

/** A folder that is named is meant, whatever the environment says. */
function dataFolder(named: string | undefined, folder: string | undefined): string {
  const inherited = folder === undefined ? process.env.MOC_DATA : undefined;
  return resolve(named || inherited || join(folder ?? ".", DEFAULT_DATA_FOLDER));
}

async function start(options: RuntimeOptions): Promise<Runtime> {
  try {
    // Only this verb needs the platform: the others start without loading it.
    const { startRuntime } = await import("../../runtime.ts");
    return await startRuntime(options);
  } catch (error) {
    const { code, message } = MocError.from(error);
    tellParent({ kind: "failed", error: { code, message } });
    throw error;
  }
}

function printReady(runtime: Runtime, terminal: Terminal, { dataFolder }: RuntimeOptions): void {
  const { url, version } = runtime.instance;
  terminal.line(`My Own Cluster ${version} is ready at ${terminal.style("bold", url)}`);
  terminal.table([
    ["  data", dataFolder],
    ["  dashboard", url + runtime.mintSignInPath()],
  ]);
  terminal.line("Stop it with Ctrl-C.");
}

function stopOnSignals(runtime: Runtime): void {
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      stopAndExit(runtime);
    });
  }
}

function stopAndExit(runtime: Runtime): void {
  setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
  void runtime.stop();
}

function tellParent(message: ServeMessage): void {
  process.send?.(message, () => undefined);
}

function port(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new UsageError(`--${name} must be a port from 0 to 65535, not "${text}"`);
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1) return value;
  throw new UsageError(`--${name} must be a whole number from 1, not "${text}"`);
}

function adminAuth(text: string | undefined): "token" | "none" {
  if (text === undefined || text === "token") return "token";
  if (text === "none") return "none";
  throw new UsageError(`--admin-auth must be token or none, not "${text}"`);
}

function exchanges(text: string | undefined): boolean {
  if (text === undefined || text === "on") return true;
  if (text === "off") return false;
  throw new UsageError(`--exchanges must be on or off, not "${text}"`);
}

function ceilings(entries: readonly string[]): Partial<FunctionLimits> {
  const limits: Record<string, number> = {};
  for (const entry of entries) {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(entry) ?? [];
    if (!Object.hasOwn(FUNCTION_LIMITS, name)) {
      const known = Object.keys(FUNCTION_LIMITS).join(", ");
      throw new UsageError(`--ceiling ${entry}: write LIMIT=N, with one of ${known}`);
    }
    limits[name] = count("ceiling", value) ?? 0;
  }
  return limits;
}
