import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { loadOrCreateToken } from "./admin-token.ts";
import { CallLog } from "./core/call-log.ts";
import { Calls } from "./core/calls.ts";
import { Events } from "./core/events.ts";
import { Exchanges } from "./core/exchanges.ts";
import { FunctionImages } from "./core/function-images.ts";
import type { GuestPlatform } from "./core/host-services.ts";
import { JwtVerifier, parseIssuers } from "./core/jwt.ts";
import type { Keyspace } from "./core/keyspace.ts";
import { Logs } from "./core/logs.ts";
import { PlatformOperations } from "./core/platform-operations.ts";
import { openState, type PlatformState } from "./core/platform-state.ts";
import { versionPreparer } from "./core/prepare-version.ts";
import { RateGate } from "./core/rate-gate.ts";
import { Stats } from "./core/stats.ts";
import { Topics } from "./core/topics.ts";
import { ENGINE_CONTENT_TYPES } from "./engines/content-types.ts";
import { ExecutorPool } from "./executor/pool.ts";
import { ProcessMemory } from "./executor/process-memory.ts";
import { openThreadChannel } from "./executor/thread-channel.ts";
import { FunctionDebugging } from "./function-debugging.ts";
import { GpuHost } from "./gpu/gpu-host.ts";
import { gpuOperations } from "./gpu/gpu-operations.ts";
import { guestPlatform } from "./guest-platform.ts";
import { removeInstanceFile, writeInstanceFile } from "./instance-file.ts";
import { MocError } from "./protocol/errors.ts";
import { PLATFORM_LIMITS } from "./protocol/limits.ts";
import type { InstanceFile, LogLevel } from "./protocol/model.ts";
import type { StoreState } from "./protocol/rest.ts";
import { isSystemFunction } from "./protocol/system-plug.ts";
import { DEFAULT_EXECUTORS, DEFAULT_PORT, type RuntimeOptions } from "./runtime-options.ts";
import { loadOrCreateCertificate } from "./server/certificate.ts";
import type { KeyAndCertificate } from "./server/create-certificate.ts";
import { createFront, type Front } from "./server/front.ts";
import { Outbound } from "./server/outbound.ts";
import { shaderChecker } from "./shader-checker.ts";
import { StoreArchive } from "./storage/archive.ts";
import { openKeyspace } from "./storage/keyspace.ts";
import { installSystem } from "./system/install.ts";
import { installDashboard } from "./system/install-dashboard.ts";
import { VERSION } from "./version.ts";

/** A running platform. */
export interface Runtime {
  readonly instance: InstanceFile;
  readonly state: PlatformState;
  readonly calls: Calls;
  readonly logs: Logs;
  /** Path of a link that signs a browser in, once. */
  mintSignInPath(): string;
  /** Settles when the runtime has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends everything: no process, port or lock is left. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the platform on a data folder.
 * @throws MocError MOC_DATA_LOCKED, MOC_DATA_UNUSABLE, MOC_DATA_CORRUPT, MOC_PORT_IN_USE;
 *   nothing is left running or changed then
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  requireJspi();
  const dataFolder = resolve(options.dataFolder);
  const keyspace = await openKeyspace(dataFolder);
  try {
    return await new RuntimeBuilder(options, dataFolder, keyspace).start();
  } catch (error) {
    await keyspace.close();
    throw error;
  }
}

/** Wires all objects of the process; the only place where that happens. */
class RuntimeBuilder {
  readonly #options: RuntimeOptions;
  readonly #dataFolder: string;
  readonly #keyspace: Keyspace;
  readonly #events = new Events();
  readonly #logs = new Logs(this.#events);
  readonly #callLog = new CallLog();
  readonly #guestMemory: ProcessMemory;
  readonly #endedGate = new RateGate(PLATFORM_LIMITS.callReportsPerSecond.value);
  readonly #failedGate = new RateGate(PLATFORM_LIMITS.callReportsPerSecond.value);
  readonly #exchanges: Exchanges | undefined;
  readonly #stats = new Stats();
  readonly #startedAt = Date.now();
  #store: StoreState = { state: "ok" };
  #stopping: Promise<void> | undefined;
  readonly #closers: (() => Promise<void> | void)[] = [];

  constructor(options: RuntimeOptions, dataFolder: string, keyspace: Keyspace) {
    this.#options = options;
    this.#dataFolder = dataFolder;
    this.#keyspace = keyspace;
    this.#exchanges = options.exchanges === false ? undefined : new Exchanges();
    const { guestMemoryMiB } = options;
    this.#guestMemory = new ProcessMemory(
      guestMemoryMiB === undefined ? ProcessMemory.usualBytes() : guestMemoryMiB * 2 ** 20,
    );
  }

  async start(): Promise<Runtime> {
    const ended = Promise.withResolvers<void>();
    const stop = () => this.#stop().finally(ended.resolve);
    try {
      return await this.#open(stop, ended.promise);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async #open(stop: () => Promise<void>, ended: Promise<void>): Promise<Runtime> {
    const [token, certificate] = await Promise.all([
      loadOrCreateToken(this.#dataFolder),
      this.#certificate(),
    ]);
    const state = await openState(this.#keyspace, this.#events, { isExecutable });
    const executors = this.#executors(() => platform);
    const images = new FunctionImages(state.names, state.blobs, this.#options.ceilings ?? {});
    void this.#followMoves(executors, images);
    void this.#keyspace.broken.then((error) => {
      this.#store = { state: "read-only", since: Date.now(), error: error.toJSON() };
      this.#log("error", `${error.code}: ${error.message}`);
    });
    const calls = this.#calls(images, executors, () => platform);
    const debugging = new FunctionDebugging({
      images,
      executors,
      log: (level, text, name) => this.#log(level, text, name),
    });
    const front = this.#front(state, calls, token, certificate);
    const platform = await this.#platform({
      ...{ state, images, debugging, calls, executors, front },
      stop,
    });
    await install(state);
    const address = await front.listen();
    this.#closers.push(() => front.close());
    // First of all: the front waits for calls that stand at a breakpoint.
    this.#closers.push(() => debugging.closeAll());
    const instance: InstanceFile = {
      pid: process.pid,
      ...address,
      token,
      certificate: certificate.cert,
      startedAt: new Date(this.#startedAt).toISOString(),
      version: VERSION,
    };
    await writeInstanceFile(this.#dataFolder, instance);
    this.#closers.push(() => removeInstanceFile(this.#dataFolder));
    return {
      instance,
      state,
      calls,
      logs: this.#logs,
      mintSignInPath: () => front.mintSignInPath(),
      ended,
      stop,
    };
  }

  async #certificate(): Promise<KeyAndCertificate> {
    const { certFile, keyFile, bind, hostNames = [] } = this.#options;
    if (!certFile && !keyFile) {
      return loadOrCreateCertificate(this.#dataFolder, bind ? [...hostNames, bind] : hostNames);
    }
    if (!certFile || !keyFile) {
      throw new MocError("MOC_BAD_REQUEST", "--cert and --key belong together; give both");
    }
    const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
    return { cert, key };
  }

  #executors(platform: () => GuestPlatform): ExecutorPool {
    const { executorsMax = DEFAULT_EXECUTORS, executorsPerFunction } = this.#options;
    const pool = new ExecutorPool({
      open: (events) =>
        openThreadChannel(events, this.#keyspace.directReads("kv"), this.#guestMemory),
      executorsMax,
      perFunctionMax: executorsPerFunction ?? Math.max(2, availableParallelism()),
      spares: 2,
      serveLoading: (image) => ({
        async serve(name, [module]) {
          // While it is loaded a function may ask for the modules it is linked with, nothing else.
          if (name === "resolveModule") return platform().resolveModule(String(module));
          throw new MocError(
            "MOC_GUEST_INVALID",
            `start-up code of '${image.name}' cannot use ${name}`,
          );
        },
        log: (level, text) => this.#log(level, text, image.name),
      }),
      event: (state, image) => {
        this.#stats.count(`executors_${state}`);
        if (!this.#events.wants("executor")) return;
        this.#events.emit({ kind: "executor", at: Date.now(), function: image.name, state });
      },
    });
    this.#closers.push(() => pool.close());
    return pool;
  }

  /** New calls go to the version that a name points at now; running ones finish where they are. */
  async #followMoves(pool: ExecutorPool, images: FunctionImages): Promise<void> {
    const moves = this.#events.subscribe({ kinds: new Set(["deployed", "undeployed"]) });
    this.#closers.push(() => this.#events.close());
    for await (const event of moves) {
      // More at once than the queue takes: anything may have moved.
      if (event.kind === "dropped") pool.renew();
      if (event.kind !== "deployed" && event.kind !== "undeployed") continue;
      pool.nameMoved(event.name, images.current(event.name));
    }
  }

  #calls(images: FunctionImages, executors: ExecutorPool, platform: () => GuestPlatform): Calls {
    return new Calls({
      images,
      executors,
      trace: this.#options.trace ?? false,
      platform,
      observer: {
        log: (level, text, name, call) => this.#log(level, text, name, call),
        ended: (report, call) => {
          const ofPlatform = isSystemFunction(report.function);
          this.#stats.ended(report, ofPlatform);
          // More would be gone from the ring before anybody looked; keeping them costs every call.
          const gate = report.error ? this.#failedGate : this.#endedGate;
          if (gate.admits(performance.now())) {
            this.#callLog.add(report);
            if (!ofPlatform) this.#exchanges?.add(report.id, call);
          }
          if (this.#events.wants("call")) this.#events.emit({ kind: "call", report });
          const { error } = report;
          // Whoever looks at the platform comes and goes: that is no news.
          if (!error || (ofPlatform && error.code === "MOC_CANCELLED")) return;
          this.#log(
            error.code === "MOC_CANCELLED" ? "debug" : "error",
            `${error.code}: ${error.stack ?? error.message}`,
            report.function,
            report.id,
          );
          if (!error.code.startsWith("MOC_LIMIT")) return;
          this.#stats.count(error.code.toLowerCase());
          this.#events.emit({ kind: "limit", at: Date.now(), function: report.function, error });
        },
      },
    });
  }

  #log(level: LogLevel, text: string, functionName = "", call?: number): void {
    this.#logs.add(level, text, functionName, call);
  }

  #front(state: PlatformState, calls: Calls, adminToken: string, tls: KeyAndCertificate): Front {
    const options = this.#options;
    return createFront(
      {
        port: options.port ?? DEFAULT_PORT,
        httpPort: options.httpPort,
        bind: options.bind,
        ...tls,
        hostNames: options.hostNames ?? [],
        adminToken,
        adminAuth: options.adminAuth ?? "token",
        trace: options.trace ?? false,
      },
      {
        plugs: state.plugs,
        filters: state.filters,
        blobs: state.blobs,
        names: state.names,
        calls,
        ceilings: options.ceilings ?? {},
        onDefect: (error, where) => this.#log("error", `${where}: ${error.stack ?? error.message}`),
      },
    );
  }

  async #platform(parts: {
    readonly state: PlatformState;
    readonly images: FunctionImages;
    readonly debugging: FunctionDebugging;
    readonly calls: Calls;
    readonly executors: ExecutorPool;
    readonly front: Front;
    stop(): Promise<void>;
  }): Promise<GuestPlatform> {
    const { state, images, calls, executors, front } = parts;
    const options = this.#options;
    const gpu = new GpuHost({
      ...(options.gpuAdapter !== undefined && { adapter: options.gpuAdapter }),
    });
    this.#closers.push(() => gpu.close());
    const ports = () => [front.address.port, front.address.httpPort];
    const outbound = new Outbound({
      allow: options.allowOutbound ?? [],
      ...(options.outboundCaFile && { ca: [await readPem(options.outboundCaFile)] }),
      ownPorts: () => ports().filter((one) => one !== undefined),
    });
    this.#closers.push(() => outbound.close());
    this.#closers.push(this.#stats.start(() => executors.status().length));
    const operations = new PlatformOperations({
      state,
      stats: this.#stats,
      logs: this.#logs,
      callLog: this.#callLog,
      exchanges: this.#exchanges,
      runner: calls,
      archive: new StoreArchive(state, {
        afterRestore: () => {
          executors.renew();
          return install(state);
        },
      }),
      debugging: parts.debugging,
      isExecutable,
      prepare: versionPreparer({ state, images, executors, isExecutable }),
      facts: {
        version: VERSION,
        startedAt: this.#startedAt,
        dataFolder: this.#dataFolder,
        url: () => front.address.url,
        executors: () => executors.status(),
        gpu: () => gpu.describe(),
        gpuState: () => gpu.state,
        store: () => this.#store,
        checkShader: shaderChecker(gpu),
        signInPath: () => front.mintSignInPath(),
        // The answer to the request that stops us should still go out.
        stop: () => setTimeout(() => void parts.stop(), 50),
      },
    });
    return guestPlatform({
      state,
      calls,
      outbound,
      topics: new Topics(),
      jwt: new JwtVerifier(parseIssuers(options.jwtIssuers ?? [])),
      stats: this.#stats,
      operations,
      gpu: gpuOperations(gpu),
    });
  }

  #stop(): Promise<void> {
    this.#stopping ??= this.#closeAll();
    return this.#stopping;
  }

  /** Last opened, first closed. */
  async #closeAll(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    await this.#keyspace.close();
  }
}

function isExecutable(contentType: string): boolean {
  return ENGINE_CONTENT_TYPES.includes(contentType);
}

/** What the platform itself brings: its REST API and its dashboard. */
async function install(state: PlatformState): Promise<void> {
  await Promise.all([installSystem(state), installDashboard(state)]);
}

function requireJspi(): void {
  if (
    typeof (globalThis as { WebAssembly?: { Suspending?: unknown } }).WebAssembly?.Suspending ===
    "function"
  )
    return;
  throw new MocError(
    "MOC_PLATFORM",
    `Node ${process.versions.node} lacks WebAssembly promise integration; run with Node 24 or newer`,
  );
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MocError("MOC_NOT_FOUND", `the file ${file} cannot be read: ${reason}`, { cause });
  }
}
