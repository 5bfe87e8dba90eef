import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { MocError } from "../runtime/protocol/errors.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import { whyUnreadable } from "./why-unreadable.ts";

/** Data folder of a runtime when nothing else is said. */
export const DEFAULT_DATA_FOLDER = "my-own-cluster-data";

/** How to find a runtime; what is given wins over the environment. */
export interface TargetOptions {
  /** Data folder of a local runtime; its instance.json says address, token and certificate. */
  readonly dataFolder?: string | undefined;
  /** Address of a runtime, such as `https://example.org:8443`. */
  readonly baseUrl?: string | undefined;
  readonly token?: string | undefined;
  /** PEM file of a certificate to trust, for a remote instance that signed its own. */
  readonly certificateFile?: string | undefined;
}

/** A runtime and what it takes to talk with it. */
export interface Target {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly token?: string;
  /** PEM to trust; absent: the system's authorities. */
  readonly certificate?: string;
  /** Set for a local runtime: where to look again after it restarted on another port. */
  readonly dataFolder?: string;
}

/**
 * Finds the runtime that is meant: `baseUrl`, then `dataFolder`, then `MYOWNCLUSTER_SERVER_BASE_URL`,
 * then `MOC_DATA`, then `my-own-cluster-data` here or in the nearest parent folder that has it.
 * The token is `token`, `MOC_TOKEN` or the instance's own.
 * @throws MocError MOC_UNREACHABLE (no runtime on the data folder), MOC_BAD_REQUEST (not a URL),
 * MOC_NOT_FOUND (no such certificate file)
 */
export async function resolveTarget(
  options: TargetOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Target> {
  const fromEnvironment = options.dataFolder ? undefined : environment.MYOWNCLUSTER_SERVER_BASE_URL;
  const baseUrl = options.baseUrl || fromEnvironment;
  const token = options.token || environment.MOC_TOKEN;
  const dataFolder = await meantDataFolder(options.dataFolder, environment);
  const instance = await readInstance(dataFolder);
  const certificate = options.certificateFile
    ? await readCertificate(options.certificateFile)
    : undefined;
  if (!baseUrl) {
    if (!instance) throw notRunning(dataFolder);
    return { ...ofInstance(instance), ...(token && { token }), dataFolder };
  }
  const url = normalizeBaseUrl(baseUrl);
  // The address of our own instance, written out: its token and certificate are at hand.
  const known = instance && sameOrigin(instance.url, url) ? ofInstance(instance) : undefined;
  return {
    ...known,
    baseUrl: url,
    ...(token && { token }),
    ...(certificate && { certificate }),
  };
}

/** The data folder that is named, else by `MOC_DATA`, else the one here or in the nearest parent folder. */
export async function meantDataFolder(
  named?: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const given = named || environment.MOC_DATA;
  return given ? resolve(given) : nearestDataFolder(process.cwd());
}

async function nearestDataFolder(folder: string): Promise<string> {
  const here = resolve(folder, DEFAULT_DATA_FOLDER);
  for (let at = folder, parent = dirname(at); ; at = parent, parent = dirname(at)) {
    const candidate = join(at, DEFAULT_DATA_FOLDER);
    if (await readInstance(candidate)) return candidate;
    if (parent === at) return here;
  }
}

/** `DATA/instance.json`; undefined when no runtime has the folder. */
export async function readInstance(dataFolder: string): Promise<InstanceFile | undefined> {
  const file = join(dataFolder, "instance.json");
  try {
    return JSON.parse(await readFile(file, "utf8")) as InstanceFile;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A half-written file reads as one that is not there yet.
    if (code === "ENOENT" || code === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw new MocError("MOC_DATA_UNUSABLE", `${file} ${whyUnreadable(error)}.`, { cause: error });
  }
}

/** What to tell somebody who needs a runtime that is not there. */
function notRunning(dataFolder: string): MocError {
  return new MocError(
    "MOC_UNREACHABLE",
    `No runtime is running on ${dataFolder}: start one with "moc serve --data ${dataFolder}", or name another with --data or --base-url.`,
  );
}

function ofInstance(instance: InstanceFile): Target {
  const { url, token, certificate } = instance;
  return { baseUrl: normalizeBaseUrl(url), token, certificate };
}

function normalizeBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `"${text}" is not the address of a runtime: write it like https://localhost:8443.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function sameOrigin(a: string, b: string): boolean {
  const [left, right] = [new URL(a), new URL(b)];
  const loopback = (url: URL): string =>
    ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname) ? "loopback" : url.hostname;
  return (
    left.protocol === right.protocol &&
    left.port === right.port &&
    loopback(left) === loopback(right)
  );
}

async function readCertificate(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const message = `The certificate ${file} ${whyUnreadable(error)}.`;
    throw new MocError("MOC_NOT_FOUND", message, { cause: error });
  }
}
