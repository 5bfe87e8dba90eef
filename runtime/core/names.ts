import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { FunctionSettings, Name, NameVersion, TechID } from "../protocol/model.ts";
import { type Blobs, isTechID } from "./blobs.ts";
import {
  bytesJson,
  type Change,
  jsonBytes,
  type Keyspace,
  type KeyspaceReader,
  textKey,
} from "./keyspace.ts";

const TECH_ID_SCHEME = "techID://";
const NO_SETTINGS: FunctionSettings = {};

/** What a reference stands for now. */
interface Resolved {
  /** The name; for `techID://…` the reference itself. */
  readonly name: string;
  readonly techID: TechID;
  readonly settings: FunctionSettings;
}

interface NamesPage {
  readonly names: readonly Name[];
  /** `after` of the next page; absent at the end. */
  readonly next?: string;
}

/**
 * @throws MOC_NAME_INVALID
 */
export function checkName(name: string): string {
  const max = PLATFORM_LIMITS.nameLength.value;
  let problem: string | undefined;
  if (name === "") problem = "is empty";
  else if (name.length > max) problem = `is longer than ${max} characters`;
  else if (/\p{Cc}|\p{Cs}/u.test(name)) problem = "has control characters";
  else if (name.trim() !== name) problem = "starts or ends with a space";
  else if (name.startsWith(TECH_ID_SCHEME)) problem = `starts with ${TECH_ID_SCHEME}`;
  if (problem === undefined) return name;
  const shown = JSON.stringify(name.slice(0, 60));
  throw new MocError("MOC_NAME_INVALID", `name ${shown} ${problem}; choose another one`);
}

/** Names point at blobs, move atomically, and remember where they pointed. */
export class Names {
  readonly #keyspace: Keyspace;
  readonly #blobs: Blobs;
  readonly #onMoved: (name: string) => void;
  readonly #onForgotten: (versions: readonly TechID[]) => void;
  #names = new Map<string, Name>();

  /**
   * @param onMoved told of each name that moved or went, as soon as `resolve` sees it
   * @param onForgotten told of versions that a name is too far beyond to return to
   */
  constructor(
    keyspace: Keyspace,
    blobs: Blobs,
    onMoved: (name: string) => void = () => {},
    onForgotten: (versions: readonly TechID[]) => void = () => {},
  ) {
    this.#keyspace = keyspace;
    this.#blobs = blobs;
    this.#onMoved = onMoved;
    this.#onForgotten = onForgotten;
  }

  /** Reads everything; the answer installs it. */
  async load(content: KeyspaceReader): Promise<() => void> {
    const names = new Map<string, Name>();
    for await (const { value } of content.entries("names")) {
      const name = bytesJson<Name>(value);
      names.set(name.name, name);
    }
    return () => {
      const before = this.#names;
      this.#names = names;
      for (const name of new Set([...before.keys(), ...names.keys()])) {
        if (before.get(name)?.techID !== names.get(name)?.techID) this.#onMoved(name);
      }
    };
  }

  /**
   * @param reference a name or `techID://…`
   * @throws MOC_NOT_FOUND
   */
  resolve(reference: string): Resolved {
    const name = this.#names.get(reference);
    if (name) return name;
    if (reference.startsWith(TECH_ID_SCHEME)) {
      const techID = reference.slice(TECH_ID_SCHEME.length);
      if (this.#blobs.ask(techID)) return { name: reference, techID, settings: NO_SETTINGS };
    }
    throw new MocError(
      "MOC_NOT_FOUND",
      `no function or blob is registered under '${reference}'; push it first, or check the name`,
    );
  }

  get(name: string): Name | undefined {
    return this.#names.get(name);
  }

  all(): IterableIterator<Name> {
    return this.#names.values();
  }

  get count(): number {
    return this.#names.size;
  }

  /** Ascending by name. */
  list(options: { prefix?: string; after?: string; limit?: number } = {}): NamesPage {
    const { prefix = "", after = "", limit = 100 } = options;
    const found = [...this.#names.keys()]
      .filter((name) => name.startsWith(prefix) && (after === "" || name > after))
      .sort();
    const names = found.slice(0, limit).flatMap((name) => this.#names.get(name) ?? []);
    const last = names.at(-1);
    return found.length > limit && last ? { names, next: last.name } : { names };
  }

  /**
   * Lets a name point at a blob; absent settings keep those of the name. Nothing is written when
   * nothing changes.
   * @throws MOC_NAME_INVALID, MOC_NOT_FOUND (no such blob)
   */
  set(name: string, techID: TechID, settings?: FunctionSettings): Promise<Name> {
    return this.#keyspace.transact(() => this.setChange(name, techID, settings));
  }

  /** The change that `set` makes, to be joined with others. */
  setChange(name: string, techID: TechID, settings?: FunctionSettings): Change<Name> {
    checkName(name);
    this.#blobs.require(techID);
    const present = this.#names.get(name);
    const wanted = settings ?? present?.settings ?? NO_SETTINGS;
    if (present && present.techID === techID && sameJson(present.settings, wanted)) {
      return { operations: [], result: present };
    }
    const version: NameVersion = { techID, at: Date.now(), settings: wanted };
    const history = [version, ...(present?.history ?? [])];
    const kept = PLATFORM_LIMITS.historyPerName.value;
    const moved: Name = {
      name,
      techID,
      revision: (present?.revision ?? 0) + 1,
      settings: wanted,
      history: history.slice(0, kept),
    };
    return this.#put(
      moved,
      history.slice(kept).map((one) => one.techID),
    );
  }

  /**
   * Lets a name point at an earlier version again; that is a new revision.
   * @param techID version to return to; absent: the one before the present
   * @throws MOC_NOT_FOUND when the name or the version is unknown
   */
  rollback(name: string, techID?: TechID): Promise<Name> {
    return this.#keyspace.transact(() => {
      const target = this.earlier(name, techID);
      return this.setChange(name, target.techID, target.settings);
    });
  }

  /**
   * The version that {@link rollback} would return to.
   * @throws MOC_NOT_FOUND as it does
   */
  earlier(name: string, techID?: TechID): NameVersion {
    const present = this.#require(name);
    const earlier = present.history.slice(1);
    const target =
      techID === undefined
        ? (earlier.find((one) => one.techID !== present.techID) ?? earlier[0])
        : earlier.find((one) => one.techID === techID);
    if (target) return target;
    const which = techID ? `version ${techID}` : "earlier version";
    throw new MocError("MOC_NOT_FOUND", `'${name}' has no ${which} to return to`);
  }

  /**
   * Forgets a name and its history; the blob stays.
   * @throws MOC_NOT_FOUND
   */
  remove(name: string): Promise<void> {
    return this.#keyspace.transact(() => this.removeChange(name));
  }

  removeChange(name: string): Change {
    this.#require(name);
    return {
      operations: [{ type: "del", section: "names", key: textKey(name) }],
      apply: () => {
        this.#names.delete(name);
        this.#onMoved(name);
      },
      result: undefined,
    };
  }

  #require(name: string): Name {
    const present = this.#names.get(name);
    if (present) return present;
    throw new MocError("MOC_NOT_FOUND", `there is no name '${name}'`);
  }

  #put(name: Name, forgotten: readonly TechID[]): Change<Name> {
    return {
      operations: [
        { type: "put", section: "names", key: textKey(name.name), value: jsonBytes(name) },
      ],
      apply: () => {
        this.#names.set(name.name, name);
        this.#onMoved(name.name);
        this.#onForgotten(forgotten);
      },
      result: name,
    };
  }
}

/** `techID://…` or a bare techID as techID; undefined for names. */
export function techIDOf(reference: string): TechID | undefined {
  const bare = reference.startsWith(TECH_ID_SCHEME)
    ? reference.slice(TECH_ID_SCHEME.length)
    : reference;
  return isTechID(bare) ? bare : undefined;
}

/** Equal as JSON whatever the order of the keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}
