import { Body, contentOf, HostSource } from "./body.ts";
import type { CallFacts } from "./call-facts.ts";
import { TextDecoder, TextEncoder } from "./encoding.ts";
import { bodyOf } from "./fetch.ts";
import { asyncApi } from "./guest-api.ts";
import { Headers } from "./headers.ts";
import { ask, fromHostBytes, toHostBytes } from "./host.ts";
import { ASK } from "./ops.ts";
import { Response } from "./response.ts";

type ValueType = "text" | "json" | "bytes" | "arrayBuffer";
type Value = string | ArrayBuffer | ArrayBufferView;

interface ListOptions {
  readonly prefix?: string;
  readonly after?: string;
  readonly limit?: number;
}

interface Operation {
  readonly put?: string;
  readonly delete?: string;
  readonly value?: Value;
}

/** The key-value store. Writes are on disk when their promise is fulfilled. */
export const kv = {
  async get(key: string, options: ValueType | { readonly type?: ValueType } = {}) {
    const value = await ask<ArrayBuffer | undefined>(ASK.KV_GET, String(key));
    if (value === undefined) return null;
    return as(fromHostBytes(value), typeof options === "string" ? options : options.type);
  },

  async put(key: string, value: Value): Promise<void> {
    await batch([{ put: key, value }]);
  },

  async delete(key: string): Promise<void> {
    await batch([{ delete: key }]);
  },

  /** One page of keys and values, ascending; `next` is the `after` of the following page. */
  async list(options: ListOptions & { readonly type?: ValueType } = {}) {
    const { prefix = "", after = "", limit = 100 } = options;
    const found = await ask<[string, string][]>(
      ASK.KV_LIST,
      String(prefix),
      String(after),
      Number(limit),
    );
    const entries = found.map(([key, latin1]) => ({
      key,
      value: as(
        Uint8Array.from(latin1, (one) => one.charCodeAt(0)),
        options.type,
      ),
    }));
    return { entries, next: found.length < limit ? undefined : found.at(-1)?.[0] };
  },

  /** `[{put: key, value}, {delete: key}]`: all of them or none. */
  batch,
};

async function batch(operations: readonly Operation[]): Promise<void> {
  const plain = operations.map(({ put, delete: removed, value }) =>
    put === undefined ? ["d", String(removed), ""] : ["p", String(put), latin1Of(value ?? "")],
  );
  await ask(ASK.KV_BATCH, JSON.stringify(plain));
}

/** Bytes as text of one character each: JSON has no other place for them. */
function latin1Of(value: Value): string {
  const bytes =
    typeof value === "string"
      ? new TextEncoder().encode(value)
      : new Uint8Array(toHostBytes(value) as ArrayBuffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function as(bytes: Uint8Array, type: ValueType = "text"): unknown {
  if (type === "bytes") return bytes;
  if (type === "arrayBuffer") return bytes.buffer;
  const text = new TextDecoder().decode(bytes);
  return type === "json" ? JSON.parse(text) : text;
}

interface CallOptions {
  readonly input?: unknown;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly startFunction?: string;
  readonly timeoutMs?: number;
}

/** Runs another function; its output is the response. */
export async function call(name: string, options: CallOptions = {}): Promise<Response> {
  const { content, type } =
    options.input instanceof Body
      ? { content: Body._take(options.input), type: undefined }
      : contentOf(options.input);
  const headers = new Headers(options.headers);
  if (type !== undefined && !headers.has("content-type")) headers.set("content-type", type);
  const facts = {
    name: String(name),
    startFunction: options.startFunction ?? "",
    timeoutMs: options.timeoutMs,
    headers: Headers._record(headers),
    source: content instanceof HostSource ? content.id : undefined,
  };
  const answer = await ask<{
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly source: number;
  }>(ASK.CALL, JSON.stringify(facts), await bodyOf(content));
  return Response._received(answer.status, answer.headers, new HostSource(answer.source), "");
}

/** Sends a message to everybody who is subscribed to a topic now. */
export async function publish(topic: string, message: unknown): Promise<void> {
  await ask(ASK.PUBLISH, String(topic), toHostBytes(message));
}

type Message = string | Uint8Array;

/** Messages of a topic, from now on: text, or bytes where they are not UTF-8. */
export function subscribe(topic: string): Messages {
  return new Messages(ask<number>(ASK.SUBSCRIBE, String(topic)));
}

/** Messages of a source until it ends; leaving the loop lets go of it. */
export class Messages implements AsyncIterableIterator<Message> {
  readonly #source: Promise<number>;

  constructor(source: Promise<number>) {
    this.#source = source;
  }

  async next(): Promise<IteratorResult<Message>> {
    const source = await this.#source;
    const message = await ask<string | ArrayBuffer | undefined>(ASK.MESSAGE, source);
    if (message === undefined) return this.return();
    return { done: false, value: typeof message === "string" ? message : fromHostBytes(message) };
  }

  async return(): Promise<IteratorResult<Message>> {
    await ask(ASK.BODY_CANCEL, await this.#source);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** `env`, the second argument of a module's functions. */
export class Environment {
  readonly #facts: () => CallFacts;

  constructor(facts: () => CallFacts) {
    this.#facts = facts;
  }

  /** Settings of the function (`env` in moc.json). */
  get vars(): CallFacts["vars"] {
    return this.#facts().vars;
  }

  /** Parameters of the plug's path. */
  get params(): CallFacts["params"] {
    return this.#facts().params;
  }

  get plugData(): string {
    return this.#facts().plugData;
  }
}

// On the prototype, where they cost no call anything.
Object.assign(Environment.prototype, { kv, call, publish, subscribe, api: asyncApi });
