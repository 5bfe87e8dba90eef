import { MocError } from "../../runtime/protocol/errors.ts";
import { fromBase64, toBase64, toBase64Url } from "../bytes.ts";
import type { App } from "../view.ts";

/** An exported key: both as base64, since either may be any bytes. */
interface Exported {
  readonly key: string;
  readonly value: string;
}

/** Tells how many keys are done; answers whether to go on. */
export type Progress = (keys: number) => boolean;

const PAGE = 1000;
/** Keys that are on their way at once. */
const AT_ONCE = 8;

/**
 * Saves all keys of a prefix as one JSON file.
 * @returns how many; undefined when it was stopped
 */
export async function exportPrefix(
  app: App,
  prefix: string,
  progress: Progress,
): Promise<number | undefined> {
  // Text is made page by page: a million keys as objects would cost several times as much.
  const parts = [`{"prefix":${JSON.stringify(prefix)},"entries":[`];
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = await app.transport.call("kvList", {
      query: { prefix, limit: PAGE, ...(after !== undefined && { after }) },
    });
    const entries = await together(page.entries, (entry) => read(app, entry.key_base64));
    for (const entry of entries) parts.push(count++ === 0 ? "\n" : ",\n", JSON.stringify(entry));
    if (!progress(count)) return undefined;
    after = page.next;
    if (after === undefined) break;
  }
  parts.push("\n]}\n");
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  app.transport.save("keys.json", "application/json", bytes);
  return count;
}

/**
 * Writes the keys of an exported file, after asking.
 * @returns how many
 * @throws MOC_BAD_REQUEST when the file is not such an export
 */
export async function importEntries(app: App, text: string, progress: Progress): Promise<number> {
  const entries = parse(text);
  const sure = await app.confirm(
    `Write ${entries.length} keys? Values of keys that exist are replaced.`,
    "Import",
  );
  if (!sure) return 0;
  let count = 0;
  for (let at = 0; at < entries.length && progress(count); at += PAGE) {
    const page = entries.slice(at, at + PAGE);
    await together(page, (entry) => write(app, entry));
    count += page.length;
  }
  return count;
}

/** Works on several at once; the results are in the order of the items. */
async function together<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function read(app: App, key: string): Promise<Exported> {
  const { bytes } = await app.transport.bytes("kvGet", {
    path: { key: toBase64Url(key) },
    query: { key_base64: "1" },
  });
  return { key, value: toBase64(bytes) };
}

async function write(app: App, { key, value }: Exported): Promise<void> {
  await app.transport.call("kvPut", {
    path: { key: toBase64Url(key) },
    query: { key_base64: "1" },
    body: fromBase64(value),
  });
}

function parse(text: string): readonly Exported[] {
  try {
    const { entries } = JSON.parse(text) as { entries: readonly Exported[] };
    for (const { key, value } of entries) {
      fromBase64(key);
      fromBase64(value);
    }
    return entries;
  } catch (cause) {
    throw new MocError("MOC_BAD_REQUEST", "The file is not an export of keys.", { cause });
  }
}
