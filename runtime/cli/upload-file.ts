import type { Client } from "../../devkit/client.ts";
import { sendBlob } from "./send-blob.ts";
import { UsageError } from "./verb.ts";

/** Options of verbs that plug something. */
export const PLUG_OPTIONS = {
  method: { kind: "value", value: "METHOD", doc: "http method; default get" },
  host: { kind: "value", value: "HOST", doc: "only for requests with this Host" },
  tags: {
    kind: "value",
    value: "JSON",
    doc: "free notes kept with the plug, an object of strings",
  },
} as const;

interface FileUpload {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly method: string;
  readonly host: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Sends a file and plugs it at a path; answers its techID. */
export async function uploadFile(client: Client, upload: FileUpload): Promise<string> {
  const { path, bytes, contentType, method, host, tags } = upload;
  const techID = await sendBlob(client, { bytes, contentType });
  const name = `techID://${techID}`;
  const body = { method, path, name, tags, ...(host !== undefined && { host }) };
  await client.call("plugFile", { body });
  return techID;
}

/** @throws UsageError when it is no JSON object of strings */
export function parseTags(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  const wrong = new UsageError(`--tags must be a JSON object of strings, such as '{"team":"a"}'`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong;
  if (!Object.values(value).every((one) => typeof one === "string")) throw wrong;
  return value as Readonly<Record<string, string>>;
}
