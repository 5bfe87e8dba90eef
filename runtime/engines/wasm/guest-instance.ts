import { MocError } from "../../protocol/errors.ts";
import { dropMemory } from "../dropped-memory.ts";
import { budgetExceeded, type MemoryBudget } from "../memory-budget.ts";
import type { GuestCall } from "./guest-call.ts";
import { GuestMemory } from "./guest-memory.ts";
import type { CallerState, HostFunction, WasmValue } from "./host-function.ts";
import type { ModuleImport } from "./module-info.ts";
import type { StateExports } from "./rewrite.ts";
import type { InstanceState } from "./saved-image.ts";
import { isStackOverflow } from "./stack-overflow.ts";

/** What an instance is made of. */
export interface InstancePlan {
  readonly module: WebAssembly.Module;
  readonly imports: readonly ModuleImport[];
  /** For each imported function, in the order of `imports`. */
  readonly functions: readonly (HostFunction | undefined)[];
  readonly state: StateExports;
  /** Maximum of each memory in pages of 64 KiB, imported ones first. */
  readonly memoryMax: readonly number[];
  /** Some import waits: exports must be entered so that the guest can be suspended. */
  readonly suspends: boolean;
  readonly budget: MemoryBudget;
}

type Entry = (...args: WasmValue[]) => unknown;

/** One instance of a module with its memory, and the call that it serves now. */
export class GuestInstance implements CallerState {
  readonly memory: GuestMemory;
  readonly state: InstanceState;
  call: GuestCall | undefined;
  readonly #exports: WebAssembly.Exports;
  readonly #growRefused: WebAssembly.Global | undefined;
  readonly #suspends: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #budget: MemoryBudget;
  #counted = 0;

  /** @throws MOC_GUESTS_MEMORY, MOC_LIMIT_MEMORY */
  constructor(plan: InstancePlan) {
    this.#budget = plan.budget;
    this.#suspends = plan.suspends;
    const instance = instantiate(plan, importObject(plan, this));
    this.#exports = instance.exports;
    const memories = plan.state.memories.map((name) => memoryOf(this.#exports[name]));
    this.state = { memories, globals: plan.state.globals.map((name) => this.#global(name)) };
    const main = this.#exports.memory;
    this.memory = new GuestMemory(main instanceof WebAssembly.Memory ? main : memories[0]);
    const { growRefused } = plan.state;
    this.#growRefused = growRefused === undefined ? undefined : this.#global(growRefused);
    this.countMemory();
  }

  /**
   * Counts what its memory has grown since it was counted last. Nobody is told while a guest computes:
   * this is for when it gives way.
   * @throws MOC_GUESTS_MEMORY
   */
  countMemory(): void {
    const grown = this.memoryBytes - this.#counted;
    if (grown === 0) return;
    if (!this.#budget.take(grown)) throw budgetExceeded(this.#budget);
    this.#counted += grown;
  }

  /** It is thrown away. */
  drop(): void {
    this.#budget.give(this.#counted);
    dropMemory(this.#counted);
    this.#counted = 0;
  }

  /** Size of its memories in bytes. */
  get memoryBytes(): number {
    let sum = 0;
    for (const memory of this.state.memories) sum += memory.buffer.byteLength;
    return sum;
  }

  /** Whether it asked for memory over its limit since this was last put back. */
  get growRefused(): boolean {
    return this.#growRefused?.value === 1;
  }

  resetGrowRefused(): void {
    if (this.#growRefused) this.#growRefused.value = 0;
  }

  /** Calls an exported function; a promise if the module may have to wait. */
  invoke(name: string, args: readonly WasmValue[]): unknown {
    let entry = this.#entries.get(name);
    if (!entry) {
      const exported = this.#exports[name] as Entry;
      entry = this.#suspends ? WebAssembly.promising(exported) : exported;
      this.#entries.set(name, entry);
    }
    return entry(...args);
  }

  #global(name: string): WebAssembly.Global {
    const global = this.#exports[name];
    if (global instanceof WebAssembly.Global) return global;
    throw new MocError("MOC_INTERNAL", `the module has no global ${name}`);
  }
}

function memoryOf(exported: unknown): WebAssembly.Memory {
  if (exported instanceof WebAssembly.Memory) return exported;
  throw new MocError("MOC_INTERNAL", "a memory of the module is not exported");
}

function importObject(plan: InstancePlan, caller: GuestInstance): WebAssembly.Imports {
  const imports: WebAssembly.Imports = {};
  const memoryMax = [...plan.memoryMax];
  for (const [index, one] of plan.imports.entries()) {
    const module = imports[one.module] ?? {};
    imports[one.module] = module;
    module[one.field] = importValue(caller, one, plan.functions[index], memoryMax);
  }
  return imports;
}

function importValue(
  caller: GuestInstance,
  one: ModuleImport,
  host: HostFunction | undefined,
  memoryMax: number[],
): WebAssembly.ImportValue {
  if (host) {
    const bound = host.bind(caller) as (...args: unknown[]) => unknown;
    return host.waits ? new WebAssembly.Suspending(counted(caller, bound)) : bound;
  }
  const initial = one.limits?.min ?? 0;
  if (one.kind === "memory") {
    return new WebAssembly.Memory({ initial, maximum: memoryMax.shift() ?? initial });
  }
  // No larger than it starts: then it fits whatever maximum the module asks for.
  return new WebAssembly.Table({
    element: "anyfunc",
    initial,
    maximum: initial,
  });
}

/** A guest that is about to wait, perhaps beside many others, has its memory counted. */
function counted(
  caller: GuestInstance,
  bound: (...args: unknown[]) => unknown,
): (...args: unknown[]) => unknown {
  return (...args) => {
    const answer = bound(...args);
    if (!(answer instanceof Promise)) return answer;
    try {
      caller.countMemory();
    } catch (error) {
      // Nobody waits for the answer any more, whatever becomes of it.
      answer.catch(() => undefined);
      throw error;
    }
    return answer;
  };
}

function instantiate(plan: InstancePlan, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(plan.module, imports);
  } catch (cause) {
    if (cause instanceof WebAssembly.LinkError) {
      throw new MocError("MOC_GUEST_LINK", `the module cannot be linked: ${cause.message}`, {
        cause,
      });
    }
    if (cause instanceof WebAssembly.RuntimeError) {
      throw new MocError(
        "MOC_GUEST_TRAP",
        `the module cannot be instantiated: ${cause.message}; a data or element segment lies outside of its memory or table`,
        { cause },
      );
    }
    if (cause instanceof RangeError && !isStackOverflow(cause)) {
      throw new MocError(
        "MOC_TOO_MANY",
        `no room for another instance: ${cause.message}; try again when calls have ended, or lower limits.concurrency`,
        { cause },
      );
    }
    throw cause;
  }
}
