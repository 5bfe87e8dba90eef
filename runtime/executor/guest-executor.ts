import { ChurnMap } from "../core/churn-map.ts";
import { collectDropped } from "../engines/dropped-memory.ts";
import type { Engine, LoadedFunction } from "../engines/engine.ts";
import type { MemoryBudget } from "../engines/memory-budget.ts";
import type { BoundModule } from "../guest-api/define.ts";
import type { KvReader } from "../guest-api/kv-reader.ts";
import { ByteBudget } from "../guest-api/memory-buffer.ts";
import { MocError } from "../protocol/errors.ts";
import type {
  CallMessage,
  FromExecutor,
  FunctionImage,
  ToExecutor,
} from "../protocol/executor-messages.ts";
import type { HostClient, HostOpName, ModuleImage } from "../protocol/host-ops.ts";
import type { LogLevel } from "../protocol/model.ts";
import { cappedLog } from "./capped-log.ts";
import { type CallPlace, GuestCall } from "./guest-call.ts";
import { rehearse } from "./rehearse.ts";
import { shortJson } from "./short-error.ts";

/** The executor's side of its channel. */
export interface ExecutorPort {
  send(message: FromExecutor, bytes?: Uint8Array): void;
  /** Guest code of this call is about to run. */
  running(call: number): void;
  /** The next call is begun. */
  begun(): void;
}

/** What the executor's place gives it. */
export interface ExecutorResources {
  /** Absent: the host is asked. */
  readonly kv?: KvReader;
  /** Absent: its guests are alone. */
  readonly memory?: MemoryBudget;
}

interface PendingOp {
  readonly call: number;
  resolve(value: unknown): void;
  reject(error: MocError): void;
}

/** What the host may hold for all calls of an executor, in bytes: a thread's heap limit counts none of it. */
const ALL_CALLS_BYTES = 2 ** 30;

/** What one call may ask of the host at once, without waiting for the answers. */
const OPS_MAX = 10_000;

/** Call id under which the host is asked while a function is loaded. */
const LOADING = 0;

/** Runs the calls of one version of a function. Knows messages and engines, no threads. */
export class GuestExecutor implements CallPlace {
  readonly #engines: readonly Engine[];
  readonly #modules: readonly BoundModule[];
  readonly #port: ExecutorPort;
  readonly kv: KvReader | undefined;
  readonly #memory: MemoryBudget | undefined;
  readonly #calls = new ChurnMap<number, GuestCall>();
  readonly #ops = new Map<number, PendingOp>();
  #image: FunctionImage | undefined;
  #loaded: LoadedFunction | undefined;
  #budget: ByteBudget | undefined;
  #nextOp = 1;

  constructor(
    engines: readonly Engine[],
    modules: readonly BoundModule[],
    port: ExecutorPort,
    { kv, memory }: ExecutorResources = {},
  ) {
    this.kv = kv;
    this.#memory = memory;
    this.#engines = engines;
    this.#modules = modules;
    this.#port = port;
  }

  receive(message: ToExecutor): void {
    switch (message.kind) {
      case "call":
        this.#call(message);
        return;
      case "opResult":
        this.#answer(message);
        return;
      case "cancel":
        this.#cancel(message.call, MocError.fromJSON(message.error));
        return;
      case "ping":
        this.#port.send({ kind: "pong", seq: message.seq });
        return;
      case "load":
        void this.#load(message.image);
        return;
      case "unload":
        this.#unload();
        return;
      case "rehearse":
        this.#rehearse();
        return;
      default:
        message satisfies never;
    }
  }

  #rehearse(): void {
    const done = rehearse(this.#engines, this.#modules, this.hostOf(LOADING), () => !this.#image);
    // Nobody waits for it, and a function with the same trouble will say so.
    done.catch(() => undefined);
  }

  #unload(): void {
    this.#loaded?.close();
    this.#loaded = undefined;
    this.#image = undefined;
    this.#budget = undefined;
    collectDropped();
  }

  async #load(image: FunctionImage): Promise<void> {
    try {
      this.#unload();
      this.#image = image;
      const engine = this.#engines.find((one) => one.contentTypes.includes(image.contentType));
      if (!engine) {
        throw new MocError(
          "MOC_GUEST_INVALID",
          `'${image.name}' has content type ${image.contentType}, which no engine runs`,
        );
      }
      const perCall = (image.limits.responseMiB + image.limits.requestMiB) * 2 ** 20;
      this.#budget = new ByteBudget(Math.max(perCall, ALL_CALLS_BYTES));
      const host = this.hostOf(LOADING);
      this.#loaded = await engine.load(image, {
        modules: this.#modules,
        memory: this.#memory,
        resolveModule: (name): Promise<ModuleImage | undefined> => host.resolveModule(name),
        log: cappedLog((level, text) => this.log(LOADING, level, text), image.limits.logKiB),
      });
      const { links } = this.#loaded;
      this.#port.send({ kind: "loaded", links, memoryBytes: this.#loaded.memoryBytes() });
    } catch (error) {
      this.#port.send({ kind: "loadFailed", error: shortJson(MocError.from(error)) });
    }
  }

  #call(message: CallMessage): void {
    if (!this.#loaded || !this.#image) throw new TypeError("a call came before its function");
    this.#port.begun();
    this.#port.running(message.call);
    let call: GuestCall;
    try {
      call = new GuestCall(message, this.#image, this);
    } catch (thrown) {
      // What the caller gave does not fit into the function's limits.
      const error = shortJson(MocError.from(thrown));
      this.#port.send({ kind: "result", call: message.call, result: 0, memoryBytes: 0, error });
      return;
    }
    this.#calls.set(message.call, call);
    void call.run(this.#loaded).then((result) => {
      this.#calls.take(message.call);
      this.#dropOps(message.call);
      // Its caller may call again, and another executor may be free.
      collectDropped();
      this.#port.send(result, result.body);
    });
  }

  #cancel(id: number, error: MocError): void {
    this.#calls.get(id)?.cancel(error);
    // Whatever the guest waits for will not come any more.
    for (const [op, pending] of this.#ops) {
      if (pending.call !== id) continue;
      this.#ops.delete(op);
      this.#port.running(id);
      pending.reject(error);
    }
  }

  #dropOps(call: number): void {
    if (this.#ops.size === 0) return;
    for (const [op, pending] of this.#ops) if (pending.call === call) this.#ops.delete(op);
  }

  #answer(message: Extract<ToExecutor, { kind: "opResult" }>): void {
    const pending = this.#ops.get(message.op);
    if (!pending) return;
    this.#ops.delete(message.op);
    this.#port.running(pending.call);
    if (message.error) pending.reject(MocError.fromJSON(message.error));
    else pending.resolve(message.value);
  }

  /** Of all calls of the function. */
  get budget(): ByteBudget | undefined {
    return this.#budget;
  }

  log(call: number, level: LogLevel, text: string): void {
    this.#port.send({ kind: "log", call, level, text });
  }

  hostOf(call: number): HostClient {
    let asked = 0;
    const ask = (name: HostOpName, args: readonly unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        // A guest that catches the end of its call must not go on asking.
        const cancelled = this.#calls.get(call)?.cancelled;
        if (cancelled) return reject(cancelled);
        // Answered ones are in here too; only who comes so far is counted exactly.
        if (++asked > OPS_MAX) {
          asked = this.#openOps(call) + 1;
          if (asked > OPS_MAX) return reject(tooManyOps());
        }
        const op = this.#nextOp++;
        this.#ops.set(op, { call, resolve, reject });
        this.#port.send({ kind: "op", call, op, name, args });
      });
    return new HostProxy(ask) as unknown as HostClient;
  }

  #openOps(call: number): number {
    let open = 0;
    for (const pending of this.#ops.values()) if (pending.call === call) open++;
    return open;
  }
}

function tooManyOps(): MocError {
  return new MocError(
    "MOC_TOO_MANY",
    `the call waits for ${OPS_MAX} answers of the host already; wait for some before asking more`,
  );
}

/** Makes `host.kvGet(key)` out of one function that takes the operation's name. */
class HostProxy {
  constructor(ask: (name: HostOpName, args: readonly unknown[]) => Promise<unknown>) {
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is the object
    return new Proxy(this, {
      get: (_, name) =>
        typeof name === "string"
          ? (...args: unknown[]) => ask(name as HostOpName, args)
          : undefined,
    });
  }
}
