import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { Blob, TechID } from "../protocol/model.ts";
import type { Blobs } from "./blobs.ts";
import type { Filters } from "./filters.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Names } from "./names.ts";
import type { Plugs } from "./plugs.ts";

interface UnusedBlobsParts {
  readonly keyspace: Keyspace;
  readonly blobs: Blobs;
  readonly names: Names;
  readonly plugs: Plugs;
  readonly filters: Filters;
}

const TECH_IDS = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/**
 * Blobs that nothing refers to any more: no name, no version that a name can return to, no plug, no
 * filter, and no text in their settings and data. Nobody stored or asked for them within
 * `unusedBlobMs` either, so that what was just uploaded can still be given its name, and what is
 * called by its techID stays.
 *
 * Some go by themselves, or every save would leave one for ever: versions that a name is too far
 * beyond to return to, and files that a deploy replaced. Others may be referred to from outside (a
 * client that keeps a techID), and go only when somebody says so.
 */
export class UnusedBlobs {
  readonly #parts: UnusedBlobsParts;
  /** Left behind by what was deployed since the start; a restart leaves them to `remove`. */
  readonly #released = new Set<TechID>();

  constructor(parts: UnusedBlobsParts) {
    this.#parts = parts;
  }

  /** Something that referred to these does so no more. */
  release(techIDs: readonly TechID[]): void {
    for (const techID of techIDs) this.#released.add(techID);
  }

  /** Removes what was released and is unused; what somebody asked for lately waits for its turn. */
  async removeReleased(): Promise<void> {
    const due = [...this.#released].filter((techID) => this.#isDue(techID));
    if (due.length === 0) return;
    await this.#remove(() => due.flatMap((techID) => this.#parts.blobs.info(techID) ?? []));
    for (const techID of due) this.#released.delete(techID);
  }

  /** All that `remove` would remove. */
  find(): readonly Blob[] {
    return this.#unusedOf(this.#parts.blobs.all());
  }

  /** Removes all, in one write; answers what went. */
  remove(): Promise<readonly Blob[]> {
    return this.#remove(() => this.#parts.blobs.all());
  }

  /** No reference can come between the look and the write. */
  #remove(candidates: () => Iterable<Blob>): Promise<readonly Blob[]> {
    return this.#parts.keyspace.transact(() => {
      const unused = this.#unusedOf(candidates());
      return { ...this.#parts.blobs.removeChange(unused), result: unused };
    });
  }

  #unusedOf(candidates: Iterable<Blob>): readonly Blob[] {
    const referenced = this.#referenced();
    return [...candidates].filter((blob) => {
      return !referenced.has(blob.techID) && this.#isDue(blob.techID);
    });
  }

  #isDue(techID: TechID): boolean {
    const { blobs } = this.#parts;
    const blob = blobs.info(techID);
    return !blob || blobs.idleMs(blob) >= PLATFORM_LIMITS.unusedBlobMs.value;
  }

  #referenced(): ReadonlySet<TechID> {
    const { names, plugs, filters } = this.#parts;
    const found = new Set<TechID>();
    const mention = (value: unknown) => {
      for (const [techID] of JSON.stringify(value).matchAll(TECH_IDS)) found.add(techID);
    };
    for (const { techID, history } of names.all()) {
      found.add(techID);
      for (const version of history) {
        found.add(version.techID);
        // Of all settings only these hold texts of the function's own.
        if (version.settings.env) mention(version.settings.env);
      }
    }
    mention([plugs.list(), filters.list()]);
    return found;
  }
}
