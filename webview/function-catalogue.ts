import type { FunctionSummary } from "../runtime/protocol/rest.ts";
import { isSystemPlug } from "../runtime/protocol/system-plug.ts";
import { Loading } from "./loading.ts";
import type { Transport } from "./transport/transport.ts";

/** All functions, shared by the views; knows which of them are the platform's own. */
export class FunctionCatalogue {
  readonly all: Loading<readonly FunctionSummary[]>;
  readonly #transport: Transport;
  readonly #system = new Set<string>();
  #stale = false;
  #refreshing: Promise<void> | undefined;

  constructor(transport: Transport, changed: () => void) {
    this.#transport = transport;
    this.all = new Loading(changed);
  }

  /** Settles when the list is as new as this call: one that is on its way already may be older. */
  refresh(): Promise<void> {
    this.#stale = true;
    this.#refreshing ??= this.#fetchWhileStale().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #fetchWhileStale(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      await this.all.load(async () => {
        const { functions } = await this.#transport.call("functions");
        for (const one of functions) if (isSystem(one)) this.#system.add(one.name);
        return functions;
      });
    }
  }

  find(name: string): FunctionSummary | undefined {
    return this.all.value?.find((one) => one.name === name);
  }

  /** Whether a function belongs to the platform itself; false while that is not known. */
  isSystem(name: string): boolean {
    return this.#system.has(name);
  }

  /** What the user deployed. */
  get own(): readonly FunctionSummary[] {
    return this.all.value?.filter((one) => !this.isSystem(one.name)) ?? [];
  }
}

function isSystem(one: FunctionSummary): boolean {
  return one.plugs.some(isSystemPlug);
}
