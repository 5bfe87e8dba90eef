/**
 * The key layout of the original's database, as its `export-database` prints it: key to base64
 * value. Lets data move from the original to here and back.
 */
import { originalPlugJson, originalPlugKey } from "../core/core-status.ts";
import { bytesJson, type KeyspaceSnapshot, keyText } from "../core/keyspace.ts";
import { Arguments } from "../core/operations/operation.ts";
import { MocError } from "../protocol/errors.ts";
import type { Blob, Filter, Name, Plug } from "../protocol/model.ts";
import type { ContentWriter } from "./content-writer.ts";

const ABSTRACT = "/blobs/abstract/";
const BYTES = "/blobs/bytes/";
const BY_NAME = "/blobs/byname/";
const PLUGS = "/plug_system/plugs/byspec/";
const PERSISTENCE = "/persistence";
const FILTERS = "/filters";
const VERSION = "/database-version";

/** Everything in the snapshot as one JSON object. The snapshot is closed at the end. */
export async function* exportOriginal(snapshot: KeyspaceSnapshot): AsyncGenerator<Uint8Array> {
  let separator = "{";
  try {
    for await (const [key, value] of originalEntries(snapshot)) {
      yield Buffer.from(`${separator}${JSON.stringify(key)}:"${value.toString("base64")}"`);
      separator = ",";
    }
    yield Buffer.from("}");
  } finally {
    await snapshot.close();
  }
}

/**
 * Writes the content of an export of the original (or of ours).
 * @throws MOC_ARCHIVE saying which key
 */
export async function importOriginal(json: string, writer: ContentWriter): Promise<void> {
  const values = parseExport(json);
  const now = Date.now();
  for (const [key, value] of values) {
    if (key.startsWith(ABSTRACT)) {
      await at(key, () => {
        const abstract = new Arguments(JSON.parse(value.toString()));
        return writer.putBlobInfo({
          techID: key.slice(ABSTRACT.length),
          contentType: abstract.text("content_type"),
          length: abstract.integer("length", 0),
          createdAt: now,
        });
      });
    }
  }
  for (const [key, value] of values) await at(key, () => importEntry(key, value, writer, now));
  await at(ABSTRACT, async () => writer.finish());
}

async function importEntry(
  key: string,
  value: Buffer,
  writer: ContentWriter,
  now: number,
): Promise<void> {
  if (key.startsWith(ABSTRACT) || key === VERSION) return;
  if (key.startsWith(BYTES)) return writer.putBlobBytes(key.slice(BYTES.length), value);
  if (key.startsWith(BY_NAME)) {
    const version = { techID: value.toString(), at: now, settings: {} };
    const name = key.slice(BY_NAME.length);
    return writer.putName({ name, ...version, revision: 1, history: [version] });
  }
  if (key.startsWith(PLUGS)) return writer.putPlug(plugOf(key.slice(PLUGS.length), value));
  if (key === FILTERS) return importFilters(value, writer);
  if (key.startsWith(PERSISTENCE)) {
    return writer.putKeyValue(Buffer.from(key.slice(PERSISTENCE.length)), value);
  }
  throw new MocError("MOC_ARCHIVE", "is no key of the original's database");
}

async function importFilters(value: Buffer, writer: ContentWriter): Promise<void> {
  const filters: unknown = JSON.parse(value.toString());
  if (filters === null) return;
  if (!Array.isArray(filters)) throw new MocError("MOC_ARCHIVE", "is not a JSON list");
  for (const [order, filter] of filters.entries()) await writer.putFilter({ ...filter, order });
}

/** `get//hello/!name` and the plug's JSON. */
function plugOf(spec: string, value: Buffer): unknown {
  const slash = spec.indexOf("/");
  const plug = JSON.parse(value.toString());
  return {
    start_function: "",
    data: "",
    ...plug,
    tags: plug.tags ?? {},
    host: "",
    method: spec.slice(0, slash),
    path: spec.slice(slash + 1),
  };
}

function parseExport(json: string): [string, Buffer][] {
  let values: unknown;
  try {
    values = JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MocError(
      "MOC_ARCHIVE",
      `it is neither a backup (tar.gz) nor an export-database (JSON): ${reason}`,
      { cause: error },
    );
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new MocError("MOC_ARCHIVE", "the export is not a JSON object of keys and values");
  }
  return Object.entries(values).map(([key, value]) => {
    if (typeof value === "string") return [key, Buffer.from(value, "base64")];
    throw refusedKey(key, "is not a text in base64");
  });
}

async function at(key: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw refusedKey(key, error instanceof Error ? error.message : String(error), error);
  }
}

function refusedKey(key: string, problem: string, cause?: unknown): MocError {
  return new MocError(
    "MOC_ARCHIVE",
    `the export is refused, nothing was changed: ${JSON.stringify(key.slice(0, 200))}: ${problem}`,
    { cause },
  );
}

async function* originalEntries(snapshot: KeyspaceSnapshot): AsyncGenerator<[string, Buffer]> {
  for await (const { value } of snapshot.entries("blob-info")) {
    const { techID, contentType, length } = bytesJson<Blob>(value);
    const abstract = JSON.stringify({ content_type: contentType, length });
    yield [ABSTRACT + techID, Buffer.from(abstract)];
  }
  for await (const { value } of snapshot.entries("names")) {
    const { name, techID } = bytesJson<Name>(value);
    yield [BY_NAME + name, Buffer.from(techID)];
  }
  for await (const { key, value } of snapshot.entries("blob-bytes")) {
    yield [BYTES + keyText(key), Buffer.from(value)];
  }
  yield [VERSION, Buffer.from("1")];
  const filters: Filter[] = [];
  for await (const { value } of snapshot.entries("filters")) filters.push(bytesJson(value));
  if (filters.length > 0) yield [FILTERS, Buffer.from(JSON.stringify(originalFilters(filters)))];
  for await (const { key, value } of snapshot.entries("kv")) {
    yield [PERSISTENCE + keyText(key), Buffer.from(value)];
  }
  for await (const { value } of snapshot.entries("plugs")) {
    const plug = bytesJson<Plug>(value);
    // The original knows no hosts; such a plug would answer everywhere there.
    if (plug.host === "")
      yield [PLUGS + originalPlugKey(plug), Buffer.from(originalPlugJson(plug))];
  }
}

function originalFilters(filters: readonly Filter[]) {
  return [...filters]
    .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
    .map(({ id, name, start_function, data }) => ({ id, name, start_function, data }));
}
