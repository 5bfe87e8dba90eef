import { METHODS as METHODS_OF_REQUESTS } from "node:http";
import { MocError } from "../protocol/errors.ts";
import type { FilePlug, FunctionPlug, Plug } from "../protocol/model.ts";
import type { Events } from "./events.ts";
import {
  bytesJson,
  type Change,
  jsonBytes,
  type Keyspace,
  type KeyspaceReader,
  textKey,
} from "./keyspace.ts";
import { sameJson } from "./names.ts";
import { comparePatterns, parsePattern, patternShape, splitPath } from "./path-pattern.ts";
import { ANY_METHOD, type PlugMatch, PlugTree } from "./plug-tree.ts";

/** Where a plug stands: what `unplug` needs to find it. */
export interface PlugPlace {
  readonly method: string;
  /** Absent or empty: any host. */
  readonly host?: string | undefined;
  readonly path: string;
}

/** Fields of a new plug; what is absent gets its default. */
export type NewPlug =
  | (PlugPlace & Omit<FunctionPlug, keyof PlugPlace | "tags"> & Partial<Pick<Plug, "tags">>)
  | (PlugPlace & Omit<FilePlug, keyof PlugPlace | "tags"> & Partial<Pick<Plug, "tags">>);

/** What a request can have: the parser of the front refuses all others. */
const METHODS: ReadonlySet<string> = new Set([
  ...METHODS_OF_REQUESTS.map((one) => one.toLowerCase()),
  ANY_METHOD,
]);
const HOST = /^[a-z0-9.-]{1,253}$|^\[[0-9a-f:.]+\]$/;

/** Which function or file answers which host, method and path. */
export class Plugs {
  readonly #keyspace: Keyspace;
  readonly #events: Events;
  #plugs = new Map<string, Plug>();
  /** Made when it is asked for, forgotten when something changes. */
  #sorted: readonly Plug[] | undefined;
  /** Keys of plugs that were asked for: a deploy of many files asks often. */
  readonly #keys = new WeakMap<Plug, string>();
  #anyHost = new PlugTree();
  #hosts = new Map<string, PlugTree>();

  constructor(keyspace: Keyspace, events: Events) {
    this.#keyspace = keyspace;
    this.#events = events;
  }

  /** Reads everything; the answer installs it. */
  async load(content: KeyspaceReader): Promise<() => void> {
    const plugs = new Map<string, Plug>();
    for await (const { value } of content.entries("plugs")) {
      const plug = bytesJson<Plug>(value);
      plugs.set(this.placeOf(plug), plug);
    }
    return () => {
      this.#plugs = plugs;
      this.#sorted = undefined;
      this.#rebuild();
    };
  }

  /**
   * The plug that answers: one for this very host before one for any, literal segments before
   * `!param` before `*rest`. HEAD is answered by GET's plug unless it has its own.
   * @param method any case
   * @param host Host header; the port does not matter
   * @param path without query, as it came (percent-encoded)
   * @throws MOC_BAD_REQUEST on bad percent escapes
   */
  match(method: string, host: string, path: string): PlugMatch | undefined {
    if (!path.startsWith("/")) return undefined;
    const parts = splitPath(path);
    const lower = lowerMethod(method);
    const own = this.#hosts.size > 0 ? this.#hosts.get(hostName(host)) : undefined;
    return own?.match(lower, parts) ?? this.#anyHost.match(lower, parts);
  }

  /** Methods that have a plug at the path, upper case, sorted: for the Allow header. */
  methodsFor(host: string, path: string): string[] {
    const parts = splitPath(path);
    const found = new Set<string>();
    this.#hosts.get(hostName(host))?.methods(parts, found);
    this.#anyHost.methods(parts, found);
    if (found.has("get")) found.add("head");
    return [...found].map((method) => method.toUpperCase()).sort();
  }

  /** All plugs, in matching order. */
  list(): readonly Plug[] {
    this.#sorted ??= [...this.#plugs.values()]
      .map((plug) => ({ plug, pattern: parsePattern(plug.path) }))
      .sort(
        (a, b) =>
          compareHosts(a.plug.host, b.plug.host) ||
          comparePatterns(a.pattern, b.pattern) ||
          compareText(a.plug.method, b.plug.method),
      )
      .map(({ plug }) => plug);
    return this.#sorted;
  }

  get count(): number {
    return this.#plugs.size;
  }

  /** The plug that stands where this one would. */
  at(plug: Plug): Plug | undefined {
    return this.#plugs.get(this.placeOf(plug));
  }

  /**
   * What is plugged at a place, whatever its parameters' names.
   * @throws MOC_NAME_INVALID, MOC_BAD_REQUEST
   */
  find(place: PlugPlace): Plug | undefined {
    return this.#plugs.get(placeKey(checkPlace(place)));
  }

  /** The same text for all plugs that cannot stand beside each other. */
  placeOf(plug: Plug): string {
    let key = this.#keys.get(plug);
    if (key === undefined) {
      key = placeKey(plug);
      this.#keys.set(plug, key);
    }
    return key;
  }

  ownedBy(owner: string): readonly Plug[] {
    return [...this.#plugs.values()].filter((plug) => plug.owner === owner);
  }

  /**
   * Plugs, replacing what is at the same method, host and pattern (whatever its parameters' names).
   * @throws MOC_NAME_INVALID, MOC_BAD_REQUEST
   */
  async plug(plug: NewPlug): Promise<Plug> {
    const full = completePlug(plug);
    return this.#keyspace.transact(() => ({ ...this.change([], [full]), result: full }));
  }

  /**
   * @throws MOC_NOT_FOUND
   */
  async unplug(place: PlugPlace): Promise<void> {
    const checked = checkPlace(place);
    return this.#keyspace.transact(() => {
      const present = this.#plugs.get(placeKey(checked));
      if (present?.path === checked.path) return this.change([present], []);
      throw new MocError(
        "MOC_NOT_FOUND",
        `nothing is plugged on ${checked.method.toUpperCase()} ${checked.host}${checked.path}`,
      );
    });
  }

  /** Removes and adds plugs together; to be joined with other changes. */
  change(removed: readonly Plug[], added: readonly Plug[]): Change {
    const kept = new Set(added.map((plug) => this.placeOf(plug)));
    const gone = removed.filter((plug) => !kept.has(this.placeOf(plug)));
    const news = added.filter((plug) => !sameJson(this.#plugs.get(this.placeOf(plug)), plug));
    if (gone.length === 0 && news.length === 0) return { operations: [], result: undefined };
    return {
      operations: [
        ...gone.map((plug) => ({
          type: "del" as const,
          section: "plugs" as const,
          key: textKey(this.placeOf(plug)),
        })),
        ...news.map((plug) => ({
          type: "put" as const,
          section: "plugs" as const,
          key: textKey(this.placeOf(plug)),
          value: jsonBytes(plug),
        })),
      ],
      apply: () => {
        this.#sorted = undefined;
        for (const plug of gone) this.#plugs.delete(this.placeOf(plug));
        for (const plug of news) this.#plugs.set(this.placeOf(plug), plug);
        if (gone.length === 0) for (const plug of news) this.#insert(plug);
        else this.#rebuild();
        this.#events.emit({ kind: "plugs", at: Date.now() });
      },
      result: undefined,
    };
  }

  #insert(plug: Plug): void {
    if (plug.host === "") {
      this.#anyHost.add(plug);
      return;
    }
    let tree = this.#hosts.get(plug.host);
    if (!tree) {
      tree = new PlugTree();
      this.#hosts.set(plug.host, tree);
    }
    tree.add(plug);
  }

  #rebuild(): void {
    this.#anyHost = new PlugTree();
    this.#hosts = new Map();
    for (const plug of this.#plugs.values()) this.#insert(plug);
  }
}

/**
 * A plug with its defaults, checked.
 * @throws MOC_NAME_INVALID, MOC_BAD_REQUEST
 */
export function completePlug(plug: NewPlug): Plug {
  if (plug.name === "") throw new MocError("MOC_BAD_REQUEST", "field name of a plug is empty");
  return { ...plug, ...checkPlace(plug), tags: plug.tags ?? {} };
}

/** One line for people: `GET /hello/!name`. */
export function plugTitle(plug: Plug): string {
  return `${plug.method.toUpperCase()} ${plug.host}${plug.path}`;
}

function checkPlace(place: PlugPlace): { method: string; host: string; path: string } {
  const method = lowerMethod(place.method);
  if (!METHODS.has(method)) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `field method '${place.method.slice(0, 40)}' is not an http method; use get, post, … or any`,
    );
  }
  const host = (place.host ?? "").toLowerCase();
  if (host !== "" && !HOST.test(host)) {
    throw new MocError(
      "MOC_BAD_REQUEST",
      `field host '${host.slice(0, 100)}' is not a host name (without port)`,
    );
  }
  parsePattern(place.path);
  return { method, host, path: place.path };
}

function lowerMethod(method: string): string {
  if (method === "GET") return "get";
  const lower = method.toLowerCase();
  return lower === "*" ? ANY_METHOD : lower;
}

/** Host header without its port, lower case. */
function hostName(host: string): string {
  const lower = host.toLowerCase();
  const port = lower.lastIndexOf(":");
  return port > lower.lastIndexOf("]") ? lower.slice(0, port) : lower;
}

/** Key of a plug in the store. `/a/!x` and `/a/!y` are one place: both match the same paths. */
export function placeKey(plug: { method: string; host: string; path: string }): string {
  return `${plug.method}\0${plug.host}\0${patternShape(plug.path)}`;
}

function compareHosts(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  return compareText(a, b);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
