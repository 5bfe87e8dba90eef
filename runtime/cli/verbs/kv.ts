import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import type { Client } from "../../../devkit/client.ts";
import { MocError } from "../../protocol/errors.ts";
import type { KvEntry } from "../../protocol/rest.ts";
import { withClient } from "../target.ts";
import type { Terminal } from "../terminal.ts";
import { defineVerb, TARGET_OPTIONS, UsageError } from "../verb.ts";

/** One entry of an export: everything in base64 where it is not text. */
interface ExportedEntry {
  readonly key?: string;
  readonly key_base64?: string;
  readonly value?: string;
  readonly value_base64?: string;
}

const PAGE = 1000;

export const verb = defineVerb({
  name: "kv",
  usage: "list [PREFIX] | get KEY | set KEY [VALUE] | delete KEY … | export [PREFIX] | import FILE",
  summary: "Look into the key-value store and change it.",
  details: [
    'set without VALUE takes what stdin holds. export prints one JSON object a line; import reads them ("-": stdin).',
  ],
  examples: ["moc kv list hello/", "moc kv set greeting hi", "moc kv export > kv.jsonl"],
  operands: { min: 1, max: Number.POSITIVE_INFINITY },
  options: {
    ...TARGET_OPTIONS,
    file: { kind: "value", value: "FILE", doc: "set: value from this file" },
    limit: { kind: "value", value: "N", doc: "list: entries at most; default 1000" },
    json: { kind: "flag", doc: "list: print JSON" },
  },
  async run({ operands: [action = "", ...operands], options, terminal }) {
    const run = ACTIONS[action];
    if (!run) {
      throw new UsageError(`"${action}" is none of ${Object.keys(ACTIONS).join(", ")}`);
    }
    await withClient(options, (client) => run(client, operands, { ...options, terminal }));
    return 0;
  },
});

interface ActionOptions {
  readonly terminal: Terminal;
  readonly file: string | undefined;
  readonly limit: string | undefined;
  readonly json: boolean;
}

type Action = (
  client: Client,
  operands: readonly string[],
  options: ActionOptions,
) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
  async list(client, [prefix = ""], { terminal, limit, json }) {
    const max = limit === undefined ? PAGE : Number(limit);
    const entries: KvEntry[] = [];
    for await (const entry of allEntries(client, prefix)) {
      if (entries.length >= max) break;
      entries.push(entry);
    }
    if (json) terminal.json(entries);
    else {
      terminal.table(
        entries.map(({ key, length, head_base64 }) => [key, `${length} B`, preview(head_base64)]),
      );
    }
  },
  async get(client, operands, { terminal }) {
    const { bytes } = await client.bytes("kvGet", { path: { key: only(operands, "get KEY") } });
    terminal.bytes(bytes);
    if (process.stdout.isTTY) terminal.line();
  },
  async set(client, operands, { file }) {
    const [key, value] = operands;
    if (key === undefined || operands.length > 2)
      throw new UsageError("usage: moc kv set KEY [VALUE]");
    const body = file !== undefined ? await readFile(file) : Buffer.from(value ?? (await stdin()));
    await client.call("kvPut", { path: { key }, body });
  },
  async delete(client, keys) {
    if (keys.length === 0) throw new UsageError("usage: moc kv delete KEY …");
    for (const key of keys) await client.call("kvDelete", { path: { key } });
  },
  async export(client, [prefix = ""], { terminal }) {
    for await (const { key, key_base64 } of allEntries(client, prefix)) {
      const path = { path: { key: urlBase64(key_base64) }, query: { key_base64: "1" } };
      const { bytes } = await client.bytes("kvGet", path);
      terminal.line(JSON.stringify({ ...ownKey(key, key_base64), ...ownValue(bytes) }));
    }
  },
  async import(client, operands, { terminal }) {
    const file = only(operands, "import FILE");
    const text = file === "-" ? (await stdin()).toString() : await readFile(file, "utf8");
    const entries = text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(parseEntry);
    for (const { key, value } of entries) {
      const path = { key: urlBase64(key.toString("base64")) };
      await client.call("kvPut", { path, query: { key_base64: "1" }, body: value });
    }
    terminal.line(`imported ${entries.length} entries`);
  },
};

async function* allEntries(client: Client, prefix: string): AsyncGenerator<KvEntry> {
  let after: string | undefined;
  do {
    const query = { prefix, limit: PAGE, ...(after !== undefined && { after }) };
    const { entries, next } = await client.call("kvList", { query });
    yield* entries;
    after = next;
  } while (after !== undefined);
}

/** All lines are read before the first is written: a damaged file changes nothing. */
function parseEntry(line: string, index: number): { readonly key: Buffer; readonly value: Buffer } {
  try {
    const { key, key_base64, value, value_base64 } = JSON.parse(line) as ExportedEntry;
    if ((key ?? key_base64) !== undefined && (value ?? value_base64) !== undefined) {
      return {
        key: key === undefined ? Buffer.from(key_base64 ?? "", "base64") : Buffer.from(key),
        value: value === undefined ? Buffer.from(value_base64 ?? "", "base64") : Buffer.from(value),
      };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new MocError(
    "MOC_BAD_REQUEST",
    `Line ${index + 1} is no exported entry; nothing was imported.`,
  );
}

function ownKey(key: string, base64: string): ExportedEntry {
  return Buffer.from(key).toString("base64") === base64 ? { key } : { key_base64: base64 };
}

function ownValue(bytes: Uint8Array): ExportedEntry {
  try {
    return { value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { value_base64: Buffer.from(bytes).toString("base64") };
  }
}

function urlBase64(base64: string): string {
  return Buffer.from(base64, "base64").toString("base64url");
}

function preview(base64: string): string {
  const text = Buffer.from(base64, "base64").toString().slice(0, 60);
  return text.replaceAll(/\p{Cc}|\ufffd/gu, "·");
}

function only(operands: readonly string[], usage: string): string {
  const [operand] = operands;
  if (operand === undefined || operands.length > 1) throw new UsageError(`usage: moc kv ${usage}`);
  return operand;
}

async function stdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
