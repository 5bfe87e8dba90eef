import { hashBlob, isTechID } from "../core/blobs.ts";
import { jsonBytes, type KeyspaceWriter, textKey } from "../core/keyspace.ts";
import { checkName } from "../core/names.ts";
import { Arguments } from "../core/operations/operation.ts";
import { completePlug, placeKey } from "../core/plugs.ts";
import { asTags, parseSettings } from "../core/settings.ts";
import { MocError } from "../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../protocol/limits.ts";
import type { Blob, Filter, Name, NameVersion, Plug, TechID } from "../protocol/model.ts";

/**
 * Writes content that comes from outside, checking that every part has its form and that in the
 * end nothing points at something that is not there.
 */
export class ContentWriter {
  readonly #writer: KeyspaceWriter;
  /** Length of each blob; bytes that have come are taken out of `#missing`. */
  readonly #blobs = new Map<TechID, number>();
  readonly #missing = new Set<TechID>();
  #count = 0;

  constructor(writer: KeyspaceWriter) {
    this.#writer = writer;
  }

  /** Objects and keys written so far. */
  get count(): number {
    return this.#count;
  }

  async putBlobInfo(value: unknown): Promise<void> {
    const argument = new Arguments(value);
    const blob: Blob = {
      techID: techID(argument, "techID"),
      contentType: argument.text("contentType"),
      length: argument.integer("length", 0),
      createdAt: argument.integer("createdAt", 0),
    };
    if (this.#blobs.has(blob.techID)) fail(`blob ${blob.techID} comes twice`);
    this.#blobs.set(blob.techID, blob.length);
    this.#missing.add(blob.techID);
    await this.#put("blob-info", textKey(blob.techID), jsonBytes(blob));
  }

  /** After its info. */
  async putBlobBytes(id: string, bytes: Uint8Array): Promise<void> {
    if (!this.#missing.delete(id)) fail("is no blob of the archive");
    if (bytes.length !== this.#blobs.get(id)) fail("does not have the length that its info says");
    if ((await hashBlob(bytes)) !== id) fail("is not what its name, a SHA-256, says");
    await this.#writer.put("blob-bytes", textKey(id), bytes);
  }

  /** After the infos of all blobs. */
  async putName(value: unknown): Promise<void> {
    const argument = new Arguments(value);
    const name: Name = {
      name: checkName(argument.string("name")),
      techID: this.#knownBlob(argument),
      revision: argument.integer("revision", 1),
      settings: parseSettings(argument.raw("settings")),
      history: argument.objects("history").map((one) => this.#version(one)),
    };
    await this.#put("names", textKey(name.name), jsonBytes(name));
  }

  async putPlug(value: unknown): Promise<void> {
    const argument = new Arguments(value);
    const type = argument.text("type");
    const place = {
      method: argument.text("method"),
      host: argument.string("host"),
      path: argument.text("path"),
    };
    const owner = argument.optionalString("owner");
    const base = {
      ...place,
      name: argument.text("name"),
      tags: asTags(argument.raw("tags"), "tags"),
      ...(owner !== undefined && { owner }),
    };
    if (type !== "file" && type !== "function") fail("field type must be file or function");
    const plug: Plug = completePlug(
      type === "file"
        ? { type, ...base }
        : {
            type: "function",
            ...base,
            start_function: argument.string("start_function"),
            data: argument.string("data"),
          },
    );
    await this.#put("plugs", textKey(placeKey(plug)), jsonBytes(plug));
  }

  async putFilter(value: unknown): Promise<void> {
    const argument = new Arguments(value);
    const owner = argument.optionalString("owner");
    const filter: Filter = {
      id: argument.text("id"),
      name: argument.text("name"),
      start_function: argument.string("start_function"),
      data: argument.string("data"),
      order: argument.optionalInteger("order", Number.MIN_SAFE_INTEGER) ?? 0,
      ...(owner !== undefined && { owner }),
    };
    await this.#put("filters", textKey(filter.id), jsonBytes(filter));
  }

  async putKeyValue(key: Uint8Array, value: Uint8Array): Promise<void> {
    const { keyBytes, valueBytes } = PLATFORM_LIMITS;
    if (key.length > keyBytes.value) fail(`has a key of ${key.length} bytes`);
    if (value.length > valueBytes.value) fail(`has a value of ${value.length} bytes`);
    await this.#put("kv", key, value);
  }

  /** @throws MOC_BAD_REQUEST when something is missing */
  finish(): void {
    const [missing] = this.#missing;
    if (missing) fail(`the bytes of blob ${missing} are missing`);
  }

  async #put(
    section: Parameters<KeyspaceWriter["put"]>[0],
    key: Uint8Array,
    value: Uint8Array,
  ): Promise<void> {
    this.#count++;
    await this.#writer.put(section, key, value);
  }

  #version(argument: Arguments): NameVersion {
    return {
      techID: this.#knownBlob(argument),
      at: argument.integer("at", 0),
      settings: parseSettings(argument.raw("settings")),
    };
  }

  #knownBlob(argument: Arguments): TechID {
    const id = techID(argument, "techID");
    if (!this.#blobs.has(id)) fail(`a name points at blob ${id}, which is not there`);
    return id;
  }
}

function techID(argument: Arguments, field: string): TechID {
  const id = argument.text(field);
  return isTechID(id) ? id : fail(`field ${field} is not a SHA-256 in hex`);
}

function fail(problem: string): never {
  throw new MocError("MOC_BAD_REQUEST", problem);
}
