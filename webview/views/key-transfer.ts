import { MocError } from "../../runtime/protocol/errors.ts";
import { fromBase64, toBase64, toBase64Url } from "../bytes.ts";
import type { App } from "../view.ts";

/** An exported key: both as base64, since either may be any bytes. */
interface Exported {
  readonly key: string;
  readonly value: string;
}

const PAGE = 1000;

/** Saves all keys of a prefix as one JSON file. */
export async function exportPrefix(app: App, prefix: string): Promise<void> {
  const entries: Exported[] = [];
  for (let after: string | undefined; ; ) {
    const page = await app.transport.call("kvList", {
      query: { prefix, limit: PAGE, ...(after !== undefined && { after }) },
    });
    for (const entry of page.entries) {
      const { bytes } = await app.transport.bytes("kvGet", {
        path: { key: toBase64Url(entry.key_base64) },
        query: { key_base64: "1" },
      });
      entries.push({ key: entry.key_base64, value: toBase64(bytes) });
    }
    after = page.next;
    if (after === undefined) break;
  }
  const text = JSON.stringify({ prefix, entries }, null, 2);
  app.transport.save("keys.json", "application/json", new TextEncoder().encode(text));
}

/**
 * Writes the keys of an exported file, after asking.
 * @returns how many
 * @throws MOC_BAD_REQUEST when the file is not such an export
 */
export async function importEntries(app: App, text: string): Promise<number> {
  const entries = parse(text);
  const sure = await app.confirm(
    `Write ${entries.length} keys? Values of keys that exist are replaced.`,
    "Import",
  );
  if (!sure) return 0;
  for (const { key, value } of entries) {
    await app.transport.call("kvPut", {
      path: { key: toBase64Url(key) },
      query: { key_base64: "1" },
      body: fromBase64(value),
    });
  }
  return entries.length;
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

/** Text of a file that the user chooses; undefined when none is chosen. */
export function pickFile(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "application/json";
    input.addEventListener("cancel", () => resolve(undefined));
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      resolve(file?.text());
    });
    input.click();
  });
}
