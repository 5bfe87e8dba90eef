import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../../devkit/client.ts";
import { MocError } from "../../runtime/protocol/errors.ts";
import type { Filter, PlatformEvent, Plug } from "../../runtime/protocol/model.ts";
import type { FunctionSummary, Status } from "../../runtime/protocol/rest.ts";

/** What the runtime holds at a moment. */
export interface Snapshot {
  readonly functions: readonly FunctionSummary[];
  readonly plugs: readonly Plug[];
  readonly filters: readonly Filter[];
  readonly status: Status | undefined;
}

const NOTHING: Snapshot = { functions: [], plugs: [], filters: [], status: undefined };
/** Changes that come together are read once. */
const REFRESH_PAUSE_MS = 60;

interface PlatformOptions {
  readonly onChange: (snapshot: Snapshot) => void;
  readonly onEvent: (event: PlatformEvent) => void;
  readonly onError: (error: MocError) => void;
}

/** Keeps a copy of the runtime's lists, renewed by its events. */
export class Platform {
  readonly #options: PlatformOptions;
  #snapshot: Snapshot = NOTHING;
  #session: { readonly client: Client; readonly abort: AbortController } | undefined;
  #refreshing: Promise<void> | undefined;
  #stale = false;

  constructor(options: PlatformOptions) {
    this.#options = options;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Follows a runtime; undefined: there is none now. */
  follow(client: Client | undefined): void {
    if (this.#session?.client === client) return;
    this.#session?.abort.abort();
    this.#session = undefined;
    if (!client) {
      this.#set(NOTHING);
      return;
    }
    const abort = new AbortController();
    this.#session = { client, abort };
    void this.#listen(client, abort.signal);
  }

  /** Reads everything again; settles when it is there. */
  async refresh(): Promise<void> {
    this.#stale = true;
    this.#refreshing ??= this.#refreshWhileStale().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  dispose(): void {
    this.#session?.abort.abort();
    this.#session = undefined;
  }

  async #listen(client: Client, signal: AbortSignal): Promise<void> {
    const kinds = [
      "deployed",
      "undeployed",
      "plugs",
      "filters",
      "kv",
      "log",
      "limit",
      "executor",
      "dropped",
    ] as const;
    try {
      // Whatever happens before the stream stands is in the lists read after it.
      const onConnection = (connected: boolean): void => {
        if (connected) void this.refresh();
      };
      for await (const event of client.events({ kinds, signal, onConnection })) {
        if (changesLists(event)) void this.refresh();
        this.#options.onEvent(event);
      }
    } catch (error) {
      if (!signal.aborted) this.#options.onError(MocError.from(error));
    }
  }

  async #refreshWhileStale(): Promise<void> {
    while (this.#stale) {
      await sleep(REFRESH_PAUSE_MS, undefined, { ref: false });
      this.#stale = false;
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    const { client, abort } = session;
    try {
      const options = { signal: abort.signal };
      const [{ functions }, { plugs }, { filters }, status] = await Promise.all([
        client.call("functions", undefined, options),
        client.call("plugs", undefined, options),
        client.call("filters", undefined, options),
        client.call("status", undefined, options),
      ]);
      if (this.#session === session) this.#set({ functions, plugs, filters, status });
    } catch (error) {
      // The runtime's end is told by its control; anything else is worth a line.
      const failure = MocError.from(error);
      if (!abort.signal.aborted && failure.code !== "MOC_UNREACHABLE") {
        this.#options.onError(failure);
      }
    }
  }

  #set(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#options.onChange(snapshot);
  }
}

function changesLists(event: PlatformEvent): boolean {
  return ["deployed", "undeployed", "plugs", "filters", "dropped"].includes(event.kind);
}
