import { type ChildProcess, spawn } from "node:child_process";
import { channel } from "node:diagnostics_channel";
import { MocError } from "../runtime/protocol/errors.ts";

/** Wall time of a build when nothing else is said, in ms. */
export const BUILD_TIMEOUT_MS = 300_000;
/** A tool that prints more than this is ended; the head is kept for its diagnostics. */
const TOOL_OUTPUT_BYTES_MAX = 8 * 1024 * 1024;

/** A program to run, and what bounds it. */
export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Over the cleaned environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Run `command` by the system's shell; `args` must be empty. */
  readonly shell?: boolean;
  /** Lines as they come, of both streams. */
  readonly onLine?: (line: string) => void;
}

/** Publishes every {@link ToolRun} as it starts; for measurements. */
export const toolRuns = channel("my-own-cluster.tool-run");

/** How it ended and what it wrote. */
export interface ToolExit {
  /** Exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/**
 * Runs a tool in a process group of its own, so that it ends with all its children.
 * @throws MocError MOC_TOOLCHAIN_MISSING (no such executable), MOC_CANCELLED,
 * MOC_BUILD_FAILED (timeout, endless output)
 */
export async function runTool(run: ToolRun): Promise<ToolExit> {
  if (run.signal?.aborted) throw cancelled(run);
  toolRuns.publish(run);
  const start = performance.now();
  const child = spawn(run.command, run.args, {
    cwd: run.cwd,
    env: { ...cleanEnvironment(), ...run.env },
    stdio: ["ignore", "pipe", "pipe"],
    shell: run.shell ?? false,
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const end = new GroupEnd(child);
  const stop = (error: MocError): void => end.stop(error);
  const timeoutMs = run.timeoutMs ?? BUILD_TIMEOUT_MS;
  const timer = setTimeout(() => stop(timedOut(run, timeoutMs)), timeoutMs);
  const onAbort = (): void => stop(cancelled(run));
  run.signal?.addEventListener("abort", onAbort, { once: true });
  const output = collectOutput(child, run, stop);
  try {
    const code = await exitOf(child, run);
    if (end.reason) throw end.reason;
    return { code, ...output(), durationMs: performance.now() - start };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener("abort", onAbort);
    // What the tool left behind in its group does not outlive it.
    end.killGroup("SIGKILL");
    running.delete(end);
  }
}

/** This process's environment without what would change how a child behaves. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE, ELECTRON_NO_ASAR, NODE_OPTIONS, NODE_CHANNEL_FD, ...rest } =
    process.env;
  return rest;
}

const running = new Set<GroupEnd>();
process.on("exit", () => {
  for (const end of running) end.killGroup("SIGKILL");
});

/** Ends a process group: politely, then for good. */
class GroupEnd {
  reason: MocError | undefined;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    running.add(this);
  }

  stop(reason: MocError): void {
    if (this.reason) return;
    this.reason = reason;
    this.killGroup("SIGTERM");
    const timer = setTimeout(() => this.killGroup("SIGKILL"), 300);
    this.#child.once("close", () => clearTimeout(timer));
  }

  killGroup(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined) return;
    if (process.platform === "win32") {
      if (exitCode === null && signalCode === null) {
        spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
      }
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // ESRCH: the whole group has ended; EPERM: only its unreaped leader is left (macOS).
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}

function collectOutput(child: ChildProcess, run: ToolRun, stop: (error: MocError) => void) {
  const texts = { stdout: "", stderr: "" };
  let bytes = 0;
  for (const name of ["stdout", "stderr"] as const) {
    let line = "";
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      bytes += Buffer.byteLength(text);
      if (bytes > TOOL_OUTPUT_BYTES_MAX) return stop(tooMuchOutput(run));
      texts[name] += text;
      if (!run.onLine) return;
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      for (const one of lines) run.onLine(one);
    });
  }
  return () => texts;
}

function exitOf(child: ChildProcess, run: ToolRun): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  child.once("error", (error: NodeJS.ErrnoException) => {
    reject(
      new MocError("MOC_TOOLCHAIN_MISSING", `${run.command} cannot be started (${error.code}).`, {
        cause: error,
      }),
    );
  });
  // A grandchild may hold the pipes open for ever: the tool's own exit is what counts.
  child.once("exit", (code) => {
    const settle = (): void => resolve(code ?? undefined);
    child.once("close", settle);
    setTimeout(settle, 200).unref();
  });
  return promise;
}

function cancelled(run: ToolRun): MocError {
  return new MocError("MOC_CANCELLED", `${run.command} was cancelled.`);
}

function timedOut(run: ToolRun, timeoutMs: number): MocError {
  return new MocError(
    "MOC_BUILD_FAILED",
    `${run.command} was ended: it ran longer than ${timeoutMs / 1000} s.`,
  );
}

function tooMuchOutput(run: ToolRun): MocError {
  return new MocError(
    "MOC_BUILD_FAILED",
    `${run.command} was ended: it printed more than ${TOOL_OUTPUT_BYTES_MAX / 1024 / 1024} MiB.`,
  );
}
