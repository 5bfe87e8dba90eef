import { MocError } from "../../protocol/errors.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import { keyText, textKey } from "../keyspace.ts";
import { etagOf, type Kv } from "../kv.ts";
import { kvPage } from "../kv-page.ts";
import {
  type Arguments,
  bodyBytes,
  type Operations,
  pageLimit,
  readableStream,
} from "./operation.ts";

/** The key-value store, as people browse and edit it. */
export function storeOperations(kv: Kv): Operations {
  return {
    kvList: async (argument) => ({
      json: await kvPage(kv, {
        prefix: argument.optionalString("prefix") ?? "",
        after: argument.optionalString("after"),
        delimiter: argument.optionalString("delimiter") || undefined,
        limit: pageLimit(argument, 100),
      }),
    }),
    /** Facts of a value: what the answer's headers say before the bytes come. */
    kvInfo: (argument) => {
      const value = require(kv, keyOf(argument));
      return { json: { status: true, length: value.length, etag: etagOf(value) } };
    },
    kvGet: (argument) => ({ stream: readableStream(require(kv, keyOf(argument))) }),
    kvPut: async (argument, body) => {
      const key = keyOf(argument);
      const value = await bodyBytes(body, PLATFORM_LIMITS.valueBytes.value);
      const condition = conditionOf(argument);
      if (condition) await kv.putIf(key, value, condition.etag);
      else await kv.batch([{ key, value }], []);
      return { json: { status: true, etag: etagOf(value) } };
    },
    kvDelete: async (argument) => {
      const key = keyOf(argument);
      const condition = conditionOf(argument);
      if (condition?.etag !== undefined) await kv.deleteIf(key, condition.etag);
      else if (kv.get(key)) await kv.batch([], [key]);
      else throw absent(key);
      return { json: { status: true } };
    },
  };
}

/** `if_match`: an etag, with or without quotes, or `*`; `if_none_match` `*`: the key must be absent. */
function conditionOf(argument: Arguments): { readonly etag: string | undefined } | undefined {
  const match = argument.optionalString("if_match");
  if (match) return { etag: match.replace(/^(W\/)?"(.*)"$/, "$2") };
  const none = argument.optionalString("if_none_match");
  if (!none) return undefined;
  if (none === "*") return { etag: undefined };
  throw new MocError("MOC_BAD_REQUEST", "header if-none-match must be *");
}

function keyOf(argument: Arguments): Uint8Array {
  const key = argument.string("key");
  if (!argument.flag("key_base64")) return textKey(key);
  if (!/^[\w-]*$/.test(key)) {
    throw new MocError("MOC_BAD_REQUEST", "field key is not base64url, as key_base64 says");
  }
  return Buffer.from(key, "base64url");
}

function require(kv: Kv, key: Uint8Array): Uint8Array {
  const value = kv.get(key);
  if (value) return value;
  throw absent(key);
}

function absent(key: Uint8Array): MocError {
  return new MocError("MOC_NOT_FOUND", `there is no key '${keyText(key).slice(0, 200)}'`);
}
