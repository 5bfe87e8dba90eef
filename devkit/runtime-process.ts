import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorJson, MocError } from "../runtime/protocol/errors.ts";
import type { InstanceFile } from "../runtime/protocol/model.ts";
import { Client } from "./client.ts";
import { isAlive } from "./is-alive.ts";
import { readInstance } from "./target.ts";

interface StartOptions {
  readonly dataFolder: string;
  /** Executable and first arguments that run the command line, such as `[node, dist/cli.js]`. */
  readonly command: readonly string[];
  /** Further arguments for `serve`. */
  readonly arguments?: readonly string[];
  /** Its whole environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** `attached` (default): it ends with this process. `detached`: it stays. */
  readonly lifetime?: "attached" | "detached";
  /** Lines that it prints. */
  readonly onOutput?: (line: string) => void;
  /** It must be ready within; default 30,000. */
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A runtime that this process started, or found running. */
export interface RuntimeHandle {
  readonly instance: InstanceFile;
  /** False: somebody else started it, and `stop` asks it to stop all the same. */
  readonly owned: boolean;
  /** Settles when the process ended; exit code, or undefined if it is not ours. */
  readonly ended: Promise<number | undefined>;
  /** Asks it to stop, waits, and kills it if it does not; settles when it is gone. */
  stop(): Promise<void>;
}

/** What `serve` tells its parent over IPC. */
export type ServeMessage =
  | { readonly kind: "ready"; readonly instance: InstanceFile }
  | { readonly kind: "failed"; readonly error: ErrorJson };

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5000;
const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 5000;
/** Attempts to attach when another process won the race for the data folder. */
const ATTACH_ATTEMPTS = 40;

/** The live runtime of a data folder; undefined when none is. */
export async function findRuntime(dataFolder: string): Promise<InstanceFile | undefined> {
  const instance = await readInstance(resolve(dataFolder));
  if (!instance || !isAlive(instance.pid)) return undefined;
  return (await answers(instance)) ? instance : undefined;
}

/**
 * Finds the runtime of a data folder, or starts one.
 * @throws MocError with the runtime's own reason when it does not start
 */
export async function ensureRuntime(options: StartOptions): Promise<RuntimeHandle> {
  const found = await findRuntime(options.dataFolder);
  if (found) return foundHandle(found, options.dataFolder);
  try {
    return await startRuntimeProcess(options);
  } catch (error) {
    if (!(error instanceof MocError) || error.code !== "MOC_DATA_LOCKED") throw error;
    return attach(options, error);
  }
}

/** Another process starts a runtime on the same folder right now: wait for it. */
async function attach(options: StartOptions, reason: MocError): Promise<RuntimeHandle> {
  for (let attempt = 0; attempt < ATTACH_ATTEMPTS; attempt++) {
    await sleep(POLL_MS * 5, undefined, { signal: options.signal });
    const found = await findRuntime(options.dataFolder);
    if (found) return foundHandle(found, options.dataFolder);
  }
  throw reason;
}

async function startRuntimeProcess(options: StartOptions): Promise<RuntimeHandle> {
  const [executable = process.execPath, ...first] = options.command;
  const attached = (options.lifetime ?? "attached") === "attached";
  const parent = attached ? ["--parent-pid", String(process.pid)] : [];
  const data = ["--data", resolve(options.dataFolder)];
  const args = [...first, "serve", ...data, ...parent, ...(options.arguments ?? [])];
  const child = spawn(executable, args, {
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: !attached,
    windowsHide: true,
  });
  const ended = Promise.withResolvers<number | undefined>();
  child.once("exit", (code, signal) => ended.resolve(code ?? (signal ? 1 : undefined)));
  const output = forwardOutput(child, options.onOutput);
  const instance = await readyInstance(child, options, output);
  if (!attached) letGo(child);
  return {
    instance,
    owned: true,
    ended: ended.promise,
    stop: () => stopRuntime(instance, options.dataFolder, ended.promise),
  };
}

async function readyInstance(
  child: ChildProcess,
  options: StartOptions,
  output: () => string,
): Promise<InstanceFile> {
  const { promise, resolve: ready, reject } = Promise.withResolvers<InstanceFile>();
  const timeoutMs = options.readyTimeoutMs ?? READY_TIMEOUT_MS;
  const fail = (code: "MOC_UNREACHABLE" | "MOC_CANCELLED", message: string): void => {
    reject(new MocError(code, message));
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => {
    fail("MOC_UNREACHABLE", `The runtime was not ready within ${timeoutMs / 1000} s.`);
  }, timeoutMs);
  const onAbort = (): void => fail("MOC_CANCELLED", "The start of the runtime was cancelled.");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  child.on("message", (message: ServeMessage) => {
    if (message.kind === "ready") ready(message.instance);
    else reject(MocError.fromJSON(message.error));
  });
  child.once("error", (error) => {
    const message = `The runtime cannot be started: ${error.message}.`;
    reject(new MocError("MOC_UNREACHABLE", message, { cause: error }));
  });
  child.once("exit", (code) => {
    const said = output().trim() || "it said nothing";
    reject(new MocError("MOC_UNREACHABLE", `The runtime ended at once (${code}): ${said}`));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** Nothing of a detached runtime keeps this process alive; its output is read while we live. */
function letGo(child: ChildProcess): void {
  child.disconnect();
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    (stream as unknown as { unref?: () => void } | null)?.unref?.();
  }
}

/** Passes lines on; answers the last words, for when it ends before it is ready. */
function forwardOutput(child: ChildProcess, onOutput: StartOptions["onOutput"]): () => string {
  let last = "";
  for (const stream of [child.stdout, child.stderr]) {
    let line = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      last = (last + text).slice(-2000);
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      for (const one of lines) onOutput?.(one);
    });
  }
  return () => last;
}

function foundHandle(instance: InstanceFile, dataFolder: string): RuntimeHandle {
  const ended = waitForEnd(instance.pid);
  return { instance, owned: false, ended, stop: () => stopRuntime(instance, dataFolder, ended) };
}

async function waitForEnd(pid: number): Promise<undefined> {
  while (isAlive(pid)) await sleep(POLL_MS * 10, undefined, { ref: false });
}

async function stopRuntime(
  instance: InstanceFile,
  dataFolder: string,
  ended: Promise<unknown>,
): Promise<void> {
  if (!isAlive(instance.pid)) return;
  const { url: baseUrl, token, certificate } = instance;
  const client = new Client({ baseUrl, token, certificate });
  try {
    // Asked by REST: on Windows a signal would end it without a chance to tidy up.
    await client.call("stop", {}, { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
  } catch (error) {
    if (!(error instanceof MocError)) throw error;
  } finally {
    client.close();
  }
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(instance.pid) && Date.now() < deadline) {
    await Promise.race([ended, sleep(POLL_MS)]);
  }
  if (!isAlive(instance.pid)) return;
  process.kill(instance.pid, "SIGKILL");
  await rm(join(resolve(dataFolder), "instance.json"), { force: true });
}

/** Whether the instance's own certificate is behind its address; slow is there too. */
async function answers(instance: InstanceFile): Promise<boolean> {
  const { url: baseUrl, token, certificate } = instance;
  const client = new Client({ baseUrl, token, certificate });
  try {
    await client.call("status", {}, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return true;
  } catch (error) {
    if (error instanceof MocError) return error.code !== "MOC_UNREACHABLE";
    throw error;
  } finally {
    client.close();
  }
}
