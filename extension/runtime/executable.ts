import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { MocError } from "../../runtime/protocol/errors.ts";

const run = promisify(execFile);
const NODE_MAJOR_MIN = 24;
const PROBE_TIMEOUT_MS = 5000;
/** Prints the version, and whether guests can wait without a thread. */
const PROBE = "process.stdout.write(process.versions.node+' '+('Suspending' in WebAssembly))";

/** A Node that can run the runtime. */
interface Executable {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  readonly from: "setting" | "editor" | "path";
}

export interface ExecutableOptions {
  /** Value of the setting; empty: not set. */
  readonly nodePath: string;
  /** The editor's own Node. */
  readonly editor: { readonly path: string; readonly version: string; readonly suspends: boolean };
}

/**
 * Chooses what runs the runtime: the setting, the editor's own Node if it is new enough, or the
 * `node` on the PATH.
 * @throws MocError MOC_TOOLCHAIN_MISSING saying what to set
 */
export async function chooseExecutable(options: ExecutableOptions): Promise<Executable> {
  if (options.nodePath !== "") {
    const problem = await probe(options.nodePath);
    if (problem)
      throw missing(`myOwnCluster.runtime.nodePath is "${options.nodePath}": ${problem}`);
    return { path: options.nodePath, env: {}, from: "setting" };
  }
  const { editor } = options;
  if (major(editor.version) >= NODE_MAJOR_MIN && editor.suspends) {
    // In the desktop editor the executable is Electron, which this variable makes a Node.
    return { path: editor.path, env: { ELECTRON_RUN_AS_NODE: "1" }, from: "editor" };
  }
  const problem = await probe("node");
  if (problem) throw missing(`The editor's Node ${editor.version} is too old, and ${problem}`);
  return { path: "node", env: {}, from: "path" };
}

async function probe(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["-e", PROBE], { timeout: PROBE_TIMEOUT_MS });
    const [version = "", suspends] = stdout.split(" ");
    if (major(version) < NODE_MAJOR_MIN || suspends !== "true") {
      return `it is Node ${version || "of an unknown version"}, ${NODE_MAJOR_MIN} or newer is needed.`;
    }
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? `there is no "${path}".` : `"${path}" does not run: ${message}`;
  }
}

function major(version: string): number {
  return Number.parseInt(version, 10) || 0;
}

function missing(reason: string): MocError {
  return new MocError(
    "MOC_TOOLCHAIN_MISSING",
    `${reason} Install Node.js ${NODE_MAJOR_MIN} and set myOwnCluster.runtime.nodePath to its executable.`,
  );
}
