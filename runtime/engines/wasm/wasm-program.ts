import { GuestCall } from "./guest-call.ts";
import { translateFailure } from "./guest-failure.ts";
import { GuestInstance, type InstancePlan } from "./guest-instance.ts";
import type { ModuleInfo } from "./module-info.ts";
import { type FreshMemory, freshMemory, SavedImage } from "./saved-image.ts";
import type { WasiProcess } from "./wasi/process.ts";

/** Idle instances kept for the next calls: at most so many… */
const IDLE_COUNT_MAX = 256;
/** …and at most so many bytes of memory together. */
const IDLE_BYTES_MAX = 32 * 2 ** 20;
/**
 * Memory beyond which an instance is thrown away rather than put back: zeroing what it may have
 * touched then costs more than a new instance, whose memory the system gives zeroed.
 */
const RESTORE_BYTES_MAX = 4 * 2 ** 20;

/** What a program is made of; see load-program.ts. */
interface ProgramParts {
  /** For messages. */
  readonly name: string;
  readonly plan: InstancePlan;
  readonly info: ModuleInfo;
  readonly restorable: boolean;
  readonly codeShift: number;
  readonly codeBytes: number;
  readonly memoryMiB: number;
  /** Exports that run once, before the first call. */
  readonly startUp: readonly string[];
  /** The process that start-up code sees. */
  startUpProcess(): WasiProcess;
}

/** A compiled module with its imports resolved, and its pool of instances in pristine state. */
export class WasmProgram {
  readonly parts: ProgramParts;
  readonly #idle: GuestInstance[] = [];
  #idleBytes = 0;
  #image: SavedImage | undefined;
  /** Found out when a second instance is made. */
  #fresh: FreshMemory | undefined;
  #closed = false;

  constructor(parts: ProgramParts) {
    this.parts = parts;
  }

  get name(): string {
    return this.parts.name;
  }

  /** Bytes held while no call runs. */
  get memoryBytes(): number {
    return this.#idleBytes + (this.#image?.bytes ?? 0) + this.parts.codeBytes;
  }

  /** Makes the first instance, runs its start-up code and saves what it left. */
  async prepare(): Promise<void> {
    const instance = new GuestInstance(this.parts.plan);
    if (this.parts.startUp.length > 0) await this.#runStartUp(instance);
    if (!this.parts.restorable) {
      instance.drop();
      return;
    }
    this.#image = new SavedImage(instance.state);
    this.#keep(instance);
  }

  /** An instance in pristine state; a promise only if start-up code must run for it. */
  acquire(): GuestInstance | Promise<GuestInstance> {
    const idle = this.#idle.pop();
    if (idle) {
      this.#idleBytes -= idle.memoryBytes;
      return idle;
    }
    const instance = new GuestInstance(this.parts.plan);
    if (this.parts.startUp.length === 0) return instance;
    if (!this.#image) return this.#runStartUp(instance);
    this.#fresh ??= freshMemory(instance.state);
    this.#image.fill(instance.state, this.#fresh);
    return instance;
  }

  /** Takes an instance back. `healthy`: its call did not trap. */
  release(instance: GuestInstance, healthy: boolean): void {
    instance.call = undefined;
    if (!this.#putBack(instance, healthy)) instance.drop();
  }

  #putBack(instance: GuestInstance, healthy: boolean): boolean {
    if (!healthy || !this.#image || this.#closed) return false;
    const { memoryBytes } = instance;
    if (memoryBytes > RESTORE_BYTES_MAX || !this.#hasRoom(memoryBytes)) return false;
    if (!this.#image.restore(instance.state)) return false;
    this.#keep(instance);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const instance of this.#idle) instance.drop();
    this.#idle.length = 0;
    this.#idleBytes = 0;
  }

  #hasRoom(bytes: number): boolean {
    return this.#idle.length < IDLE_COUNT_MAX && this.#idleBytes + bytes <= IDLE_BYTES_MAX;
  }

  #keep(instance: GuestInstance): void {
    if (!this.#hasRoom(instance.memoryBytes)) {
      instance.drop();
      return;
    }
    this.#idle.push(instance);
    this.#idleBytes += instance.memoryBytes;
  }

  async #runStartUp(instance: GuestInstance): Promise<GuestInstance> {
    const process = this.parts.startUpProcess();
    const call = new GuestCall(undefined, () => process);
    instance.call = call;
    try {
      for (const name of this.parts.startUp) await instance.invoke(name, []);
    } catch (error) {
      instance.drop();
      throw translateFailure(error, { program: this.parts, instance, call, during: "start-up" });
    } finally {
      call.finish(false);
      instance.call = undefined;
      await process.close();
    }
    return instance;
  }
}
