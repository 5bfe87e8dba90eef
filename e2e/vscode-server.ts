import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CodeServer } from "./code-server.ts";

const run = promisify(execFile);
const START_TIMEOUT_MS = 30_000;

/** Settings that keep a test window quiet. */
const QUIET = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "window.commandCenter": false,
  "telemetry.telemetryLevel": "off",
  "extensions.ignoreRecommendations": true,
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "update.mode": "none",
  "files.autoSave": "off",
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "npm.autoDetect": "off",
  "explorer.confirmDelete": false,
  // A browser without a graphics card draws each frame on the processor.
  "workbench.reduceMotion": "on",
  "editor.cursorBlinking": "solid",
  "terminal.integrated.gpuAcceleration": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "workbench.colorTheme": "Default Dark Modern",
};

export interface ServerOptions {
  readonly vsix: string;
  /** Packages of further extensions. */
  readonly more?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Arguments of the VS Code server. */
  readonly args?: readonly string[];
}

/** A VS Code server of its own for one test file: own data, own extensions, own port. */
export class VSCodeServer implements AsyncDisposable {
  readonly base: string;
  readonly origin: string;
  readonly #process: ChildProcess;

  private constructor(base: string, origin: string, child: ChildProcess) {
    this.base = base;
    this.origin = origin;
    this.#process = child;
  }

  static async start(code: CodeServer, options: ServerOptions): Promise<VSCodeServer> {
    const base = await mkdtemp(join(tmpdir(), "moc-e2e-"));
    await writeSettings(base, options.settings);
    const folders = [
      ["--server-data-dir", base],
      ["--extensions-dir", join(base, "extensions")],
    ].flat();
    const environment = childEnvironment(base);
    const packages = [options.vsix, ...(options.more ?? [])];
    const installs = packages.flatMap((file) => ["--install-extension", file]);
    const install = [code.vscodeServer, ...folders, ...installs, "--force"];
    await run(code.node, install, { env: environment });
    const child = spawn(
      code.node,
      [
        code.vscodeServer,
        ...folders,
        ...["--host", "127.0.0.1", "--port", "0", "--without-connection-token"],
        ...["--accept-server-license-terms", "--log", "info", "--reconnection-grace-time", "2"],
        // Ours is told to it; the login shell of whoever runs the tests is of no interest.
        "--force-disable-user-env",
        ...(options.args ?? []),
      ],
      { env: environment, stdio: ["ignore", "pipe", "pipe"] },
    );
    try {
      return new VSCodeServer(base, await listening(child), child);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** Replaces the settings on top of the quiet ones; open windows follow. */
  async configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await writeSettings(this.base, settings);
  }

  /** Address of a window on a folder. */
  windowUrl(folder: string): string {
    return `${this.origin}/?folder=${encodeURIComponent(folder)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      const late = setTimeout(() => this.#process.kill("SIGKILL"), 3000);
      await exit;
      clearTimeout(late);
    }
    await rm(this.base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function writeSettings(
  base: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  // Settings of machine scope are those of the machine with the extension host.
  for (const scope of ["User", "Machine"]) {
    const folder = join(base, "data", scope);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "settings.json"), JSON.stringify({ ...QUIET, ...settings }));
  }
}

/** Nothing of a surrounding editor or test runner must leak into the one under test. */
function childEnvironment(base: string): NodeJS.ProcessEnv {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS|NODE_TEST_|MYOWNCLUSTER_)/.test(name),
    ),
  );
  return { ...environment, XDG_DATA_HOME: join(base, "xdg") };
}

async function listening(child: ChildProcess): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`VS Code did not start in time:\n${output}`)),
      START_TIMEOUT_MS,
    );
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`VS Code ended with ${code}:\n${output}`));
    });
  });
}
