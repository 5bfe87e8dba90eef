import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../../devkit/client.ts";
import type { RuntimeHandle } from "../../devkit/runtime-process.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { InstanceFile } from "../../runtime/protocol/model.ts";
import type { Say } from "../say.ts";

/** What the window knows of its runtime. */
export type RuntimeState =
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  | {
      readonly kind: "running";
      readonly instance: InstanceFile;
      readonly client: Client;
      readonly owned: boolean;
    }
  /** It ended unexpectedly and is being started again. */
  | { readonly kind: "restarting"; readonly attempt: number }
  | {
      readonly kind: "failed";
      readonly error: MocError;
      /** It ran before, and nobody asked for its end. */
      readonly crashed: boolean;
    };

/** What the control needs from its surroundings. */
export interface RuntimePort {
  /** Attaches to the data folder's runtime, or starts one. */
  ensure(): Promise<RuntimeHandle>;
  /** True when a runtime ended by itself and not because somebody asked it to. */
  crashed(instance: InstanceFile): Promise<boolean>;
  client(instance: InstanceFile): Client;
}

interface RuntimeControlOptions {
  readonly port: RuntimePort;
  readonly onState: (state: RuntimeState) => void;
  readonly say: Say;
  /** Throws when nothing may be run here. */
  readonly check: () => void;
  /** First pause before a restart, in ms; doubled each time. */
  readonly backOffMs?: number;
}

const RESTARTS_MAX = 5;
/** A runtime that lived this long starts the count of restarts anew. */
const STABLE_MS = 30_000;

/** Starts, watches, restarts and stops the runtime of one data folder; one for each window. */
export class RuntimeControl {
  readonly #options: RuntimeControlOptions;
  #state: RuntimeState = { kind: "stopped" };
  #starting: Promise<Client> | undefined;
  #handle: RuntimeHandle | undefined;
  /** Counts up when what is watched is no longer of interest. */
  #generation = 0;
  #restarts = 0;
  #disposed = false;

  constructor(options: RuntimeControlOptions) {
    this.#options = options;
  }

  get state(): RuntimeState {
    return this.#state;
  }

  /** The client of the running runtime; undefined when it does not run. */
  get client(): Client | undefined {
    return this.#state.kind === "running" ? this.#state.client : undefined;
  }

  /**
   * The client, after starting the runtime if need be.
   * @throws MocError with the reason when it cannot be started
   */
  async ensure(): Promise<Client> {
    this.#options.check();
    if (this.#state.kind === "running") return this.#state.client;
    this.#starting ??= this.#start({ kind: "starting" }).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Stops the runtime, whoever started it; other windows see it stop. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    const handle = this.#handle;
    this.#forget();
    await handle?.stop();
    this.#set({ kind: "stopped" });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.ensure();
  }

  /** Lets go of the runtime without stopping it: another window may need it. */
  dispose(): void {
    this.#disposed = true;
    this.#forget();
  }

  async #start(during: RuntimeState): Promise<Client> {
    this.#set(during);
    try {
      const handle = await this.#options.port.ensure();
      const { instance, owned } = handle;
      const client = this.#options.port.client(instance);
      if (this.#disposed) {
        client.close();
        throw new MocError("MOC_CANCELLED", "The window was closed while the runtime started.");
      }
      this.#handle = handle;
      this.#set({ kind: "running", instance, client, owned });
      void this.#watch(handle, ++this.#generation);
      return client;
    } catch (error) {
      const failure = MocError.from(error);
      this.#set({ kind: "failed", error: failure, crashed: during.kind === "restarting" });
      throw failure;
    }
  }

  /** Waits for the end of a runtime, and starts it again if it crashed. */
  async #watch(handle: RuntimeHandle, generation: number): Promise<void> {
    const since = performance.now();
    // By its process, not by its answers: a machine under load is slow to answer.
    await handle.ended;
    if (generation !== this.#generation) return;
    const crashed = await this.#options.port.crashed(handle.instance);
    if (generation !== this.#generation) return;
    this.#forget();
    if (!crashed) {
      this.#set({ kind: "stopped" });
      return;
    }
    if (performance.now() - since > STABLE_MS) this.#restarts = 0;
    await this.#restartWithBackOff();
  }

  async #restartWithBackOff(): Promise<void> {
    const generation = this.#generation;
    const attempt = ++this.#restarts;
    if (attempt > RESTARTS_MAX) {
      const { say } = this.#options;
      const message = say("The runtime ended unexpectedly {0} times: see its log.", RESTARTS_MAX);
      const error = new MocError("MOC_INTERNAL", message);
      this.#set({ kind: "failed", error, crashed: true });
      this.#restarts = 0;
      return;
    }
    this.#set({ kind: "restarting", attempt });
    const pause = (this.#options.backOffMs ?? 250) * 2 ** (attempt - 1);
    await sleep(pause, undefined, { ref: false });
    if (generation !== this.#generation || this.#disposed) return;
    this.#starting ??= this.#start({ kind: "restarting", attempt }).finally(() => {
      this.#starting = undefined;
    });
    // The failure is in the state already.
    await this.#starting.catch(() => undefined);
  }

  #forget(): void {
    this.#generation++;
    this.#handle = undefined;
    if (this.#state.kind === "running") this.#state.client.close();
  }

  #set(state: RuntimeState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
