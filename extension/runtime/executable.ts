import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Say } from "../say.ts";

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
  readonly say: Say;
  /** The editor's own Node. */
  readonly editor: { readonly path: string; readonly version: string; readonly suspends: boolean };
}

/**
 * Chooses what runs the runtime: the setting, the editor's own Node if it is new enough, or the
 * `node` on the PATH.
 * @throws MocError MOC_TOOLCHAIN_MISSING saying what to set
 */
export async function chooseExecutable(options: ExecutableOptions): Promise<Executable> {
  const { say } = options;
  if (options.nodePath !== "") {
    const problem = await probe(options.nodePath, say);
    if (problem) {
      const reason = say('myOwnCluster.runtime.nodePath is "{0}": {1}', options.nodePath, problem);
      throw missing(reason, say);
    }
    return { path: options.nodePath, env: {}, from: "setting" };
  }
  const { editor } = options;
  if (major(editor.version) >= NODE_MAJOR_MIN && editor.suspends) {
    // In the desktop editor the executable is Electron, which this variable makes a Node.
    return { path: editor.path, env: { ELECTRON_RUN_AS_NODE: "1" }, from: "editor" };
  }
  const problem = await probe("node", say);
  if (problem) {
    throw missing(say("The editor's Node {0} is too old. {1}", editor.version, problem), say);
  }
  return { path: "node", env: {}, from: "path" };
}

async function probe(path: string, say: Say): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["-e", PROBE], { timeout: PROBE_TIMEOUT_MS });
    const [version = "", suspends] = stdout.split(" ");
    if (major(version) < NODE_MAJOR_MIN || suspends !== "true") {
      return say(
        '"{0}" is Node {1}; {2} or newer is needed.',
        path,
        version || "?",
        NODE_MAJOR_MIN,
      );
    }
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? say('There is no "{0}".', path)
      : say('"{0}" does not run: {1}', path, message);
  }
}

function major(version: string): number {
  return Number.parseInt(version, 10) || 0;
}

function missing(reason: string, say: Say): MocError {
  const advice = say(
    "Install Node.js {0} and set myOwnCluster.runtime.nodePath to its executable.",
    NODE_MAJOR_MIN,
  );
  return new MocError("MOC_TOOLCHAIN_MISSING", `${reason} ${advice}`);
}
