import { MocError } from "../protocol/errors.ts";
import type { Filter } from "../protocol/model.ts";
import type { Events } from "./events.ts";
import {
  bytesJson,
  type Change,
  jsonBytes,
  type Keyspace,
  type KeyspaceReader,
  textKey,
} from "./keyspace.ts";

/** A filter to be plugged; what is absent gets its default. */
export interface NewFilter {
  readonly name: string;
  readonly start_function?: string | undefined;
  readonly data?: string | undefined;
  readonly order?: number | undefined;
  readonly owner?: string | undefined;
}

/** Functions that run before the plugged one, in order. */
export class Filters {
  readonly #keyspace: Keyspace;
  readonly #events: Events;
  #filters: readonly Filter[] = [];

  constructor(keyspace: Keyspace, events: Events) {
    this.#keyspace = keyspace;
    this.#events = events;
  }

  /** Reads everything; the answer installs it. */
  async load(content: KeyspaceReader): Promise<() => void> {
    const filters: Filter[] = [];
    for await (const { value } of content.entries("filters")) filters.push(bytesJson(value));
    return () => {
      this.#filters = filters.sort(compareFilters);
    };
  }

  /** In the order in which they run: by `order`, then as they were plugged. */
  list(): readonly Filter[] {
    return this.#filters;
  }

  ownedBy(owner: string): readonly Filter[] {
    return this.#filters.filter((one) => one.owner === owner);
  }

  /**
   * Plugs a filter. One with the same name, start function and data is the same filter: it keeps
   * its id, and its order and owner become the given ones.
   * @throws MOC_BAD_REQUEST
   */
  plug(filter: NewFilter): Promise<Filter> {
    return this.#keyspace.transact(() => {
      const full = this.complete(filter);
      return { ...this.change([], [full]), result: full };
    });
  }

  /**
   * @throws MOC_NOT_FOUND
   */
  unplug(id: string): Promise<void> {
    return this.#keyspace.transact(() => {
      const present = this.#filters.find((one) => one.id === id);
      if (present) return this.change([present], []);
      throw new MocError("MOC_NOT_FOUND", `there is no filter with the id '${id}'`);
    });
  }

  /** The filter as it will be stored, with the id of the one that is the same already. */
  complete(filter: NewFilter): Filter {
    if (filter.name === "") throw new MocError("MOC_BAD_REQUEST", "field name is empty");
    const { name, start_function = "", data = "", owner } = filter;
    const same = this.#filters.find(
      (one) => one.name === name && one.start_function === start_function && one.data === data,
    );
    return {
      id: same?.id ?? nextID(),
      name,
      start_function,
      data,
      order: filter.order ?? same?.order ?? 0,
      ...(owner !== undefined && { owner }),
    };
  }

  /** Removes and adds filters together; to be joined with other changes. */
  change(removed: readonly Filter[], added: readonly Filter[]): Change {
    const kept = new Set(added.map((one) => one.id));
    const gone = removed.filter((one) => !kept.has(one.id));
    const news = added.filter((one) => !this.#has(one));
    if (gone.length === 0 && news.length === 0) return { operations: [], result: undefined };
    const out = new Set([...gone, ...news].map((one) => one.id));
    return {
      operations: [
        ...gone.map((one) => ({
          type: "del" as const,
          section: "filters" as const,
          key: textKey(one.id),
        })),
        ...news.map((one) => ({
          type: "put" as const,
          section: "filters" as const,
          key: textKey(one.id),
          value: jsonBytes(one),
        })),
      ],
      apply: () => {
        const others = this.#filters.filter((one) => !out.has(one.id));
        this.#filters = [...others, ...news].sort(compareFilters);
        this.#events.emit({ kind: "filters", at: Date.now() });
      },
      result: undefined,
    };
  }

  #has(filter: Filter): boolean {
    const present = this.#filters.find((one) => one.id === filter.id);
    return present?.order === filter.order && present.owner === filter.owner;
  }
}

function compareFilters(a: Filter, b: Filter): number {
  return a.order - b.order || (a.id < b.id ? -1 : 1);
}

let lastID = 0;

/** Ids grow with time, so that filters of the same order run as they were plugged. */
function nextID(): string {
  // Microseconds leave room for a thousand filters in one millisecond.
  lastID = Math.max(lastID + 1, Date.now() * 1000);
  return lastID.toString(36).padStart(11, "0");
}
