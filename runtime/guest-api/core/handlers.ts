import { MocError } from "../../protocol/errors.ts";
import type { KeyValue } from "../../protocol/host-ops.ts";
import type { CallMode, LogLevel } from "../../protocol/model.ts";
import type { CallContext } from "../call-context.ts";
import { requireCapability } from "../capability.ts";
import { bind, type HandlersOf } from "../define.ts";
import { MemoryBuffer } from "../memory-buffer.ts";
import { OutputBuffer } from "../output-buffer.ts";
import { setHeader } from "../set-header.ts";
import { StreamBuffer } from "../stream-buffer.ts";
import { core } from "./api.ts";
import { proxy } from "./proxy.ts";

const SUBSET_MAX = 10_000;
const PAGE = 1000;
const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const utf8 = new TextEncoder();
const text = new TextDecoder();

const handlers: HandlersOf<typeof core> = {
  get_input_buffer_id: (context) => context.input,
  get_output_buffer_id: (context) => context.output,
  create_exchange_buffer: (context) => context.buffers.add(new MemoryBuffer(context.budget)),
  write_exchange_buffer: (context, id, content) => write(context, id, content),
  write_exchange_buffer_header(context, id, name, value) {
    setHeader(context, context.buffers.get(id).headers, name.toLowerCase(), value);
    return 0;
  },
  write_exchange_buffer_status_code(context, id, status) {
    context.buffers.get(id).status = status;
    return 0;
  },
  read_exchange_buffer: (context, id) => context.buffers.get(id).read(),
  read_exchange_buffer_headers: (context, id) => context.buffers.get(id).headers,
  base64_decode: (_, encoded) => decodeBase64(encoded),
  base64_encode: (_, input) =>
    Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString("base64"),
  async register_blob_with_name(context, name, contentType, content) {
    return registerBlob(context, { name, content_type: contentType }, content);
  },
  async register_blob(context, contentType, content) {
    return registerBlob(context, { content_type: contentType }, content);
  },
  get_blob_tech_id_from_name: (context, name) => context.host.resolveName(name),
  get_blob_bytes_as_string: async (context, reference) =>
    text.decode(await context.host.readBlob(reference)),
  plug_function: (context, method, path, name, startFunction, data, tags) =>
    change(context, "plugFunction", {
      method,
      path,
      name,
      start_function: startFunction,
      data,
      tags: parseTags(tags),
    }),
  plug_file: (context, method, path, name, tags) =>
    change(context, "plugFile", { method, path, name, tags: parseTags(tags) }),
  unplug_path: (context, method, path) => change(context, "unplug", { method, path }),
  get_status: (context) => context.host.coreStatus(),
  async persistence_set(context, key, value) {
    await context.host.kvBatch([{ key: key.slice(), value: value.slice() }], []);
    return 0;
  },
  get_url: async (context, url) => {
    const answer = await context.host.httpRequest({ method: "GET", url, headers: {} });
    return readAll(streamBuffer(context, answer.stream));
  },
  persistence_get: (context, key) => context.kv.get(key),
  persistence_get_subset: (context, prefix) => subset(context, utf8.encode(prefix)),
  print_debug(context, line) {
    context.log("info", line);
    return 0;
  },
  get_time(_, dest) {
    if (dest.length < 8) throw new MocError("MOC_BAD_REQUEST", "get_time needs 8 bytes");
    const view = new DataView(dest.buffer, dest.byteOffset, 8);
    const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
    view.setBigInt64(0, now, true);
    return 0;
  },
  free_buffer(context, id) {
    context.buffers.free(id);
    return 0;
  },
  call_function: async (context, name, startFunction, args, mode, inputId, outputId, file, argv) =>
    callFunction(context, {
      name,
      startFunction,
      arguments: [...args],
      mode,
      inputId,
      outputId,
      posixFileName: file,
      posixArguments: [...argv],
    }),
  async export_database(context) {
    requireCapability(context, "platform");
    const answer = await context.host.platform("exportDatabase", {});
    if (answer.stream === undefined) return utf8.encode(JSON.stringify(answer.json));
    return readAll(streamBuffer(context, answer.stream));
  },
  beta_web_proxy: proxy,
  is_trace: (context) => (context.trace ? 1 : 0),
  async plug_filter(context, name, startFunction, data) {
    requireCapability(context, "platform");
    const answer = await context.host.platform("plugFilter", {
      name,
      start_function: startFunction,
      data,
    });
    return String((answer.json as { filter_id?: unknown }).filter_id);
  },
  unplug_filter: (context, id) => change(context, "unplugFilter", { "filter-id": id }),
  get_exchange_buffer_size(context, id) {
    const content = context.buffers.get(id).peek();
    if (content instanceof Promise) return content.then((arrived) => arrived?.length ?? 0);
    return content?.length ?? 0;
  },
  get_buffer_headers: (context, id) => context.buffers.get(id).headers,

  async read_exchange_buffer_part(context, id, dest) {
    const buffer = context.buffers.get(id);
    if (buffer.messages) await flushOutput(context);
    const part = await buffer.readPart(dest.length);
    if (part) dest.set(part);
    return part?.length ?? 0;
  },
  read_exchange_buffer_status_code: (context, id) => context.buffers.get(id).status ?? 0,
  async close_exchange_buffer(context, id) {
    await context.buffers.get(id).close();
    return 0;
  },
  async persistence_delete(context, key) {
    await context.host.kvBatch([], [key.slice()]);
    return 0;
  },
  async persistence_list(context, prefix, after, count) {
    const from = after === "" ? undefined : utf8.encode(after);
    const wanted = Math.min(Math.max(count, 1), PAGE);
    return toMap(await context.host.kvList(utf8.encode(prefix), from, wanted));
  },
  async persistence_batch(context, puts, deletes) {
    await context.host.kvBatch(
      [...puts].map(([key, value]) => ({ key: utf8.encode(key), value: value.slice() })),
      deletes.map((key) => utf8.encode(key)),
    );
    return 0;
  },
  log(context, level, line) {
    context.log(LEVELS[level] ?? "info", line);
    return 0;
  },
  async http_request(context, method, url, headers, bodyId) {
    const body = bodyId > 0 ? { body: context.buffers.get(bodyId).toRef() } : {};
    const answer = await context.host.httpRequest({
      method,
      url,
      headers: Object.fromEntries([...headers].map(([name, value]) => [name, text.decode(value)])),
      ...body,
    });
    return context.buffers.add(streamBuffer(context, answer.stream, answer.headers, answer.status));
  },
  async call(context, name, startFunction, inputId, timeoutMs) {
    const answer = await context.host.callFunction({
      name,
      startFunction,
      arguments: [],
      posixFileName: "",
      posixArguments: [],
      input: context.buffers.get(inputId).toRef(),
      ...(timeoutMs > 0 && { timeoutMs }),
    });
    const buffer = new MemoryBuffer(context.budget, new Map(Object.entries(answer.headers)));
    buffer.status = answer.status ?? (isStatus(answer.result) ? answer.result : 200);
    buffer.write(answer.bytes);
    return context.buffers.add(buffer);
  },
  async publish(context, topic, content) {
    await context.host.publish(topic, content.slice());
    return 0;
  },
  async subscribe(context, topic) {
    const stream = await context.host.subscribe(topic);
    return context.buffers.add(
      new StreamBuffer(context.host, {
        stream,
        messages: true,
        headers: new Map(),
        wholeMax: context.limits.requestMiB * 2 ** 20,
        budget: context.budget,
      }),
    );
  },
  async sleep(context, milliseconds) {
    await flushOutput(context);
    await context.host.sleep(Math.max(0, milliseconds));
    return 0;
  },
};

/** The module `core` with its host side. */
export const boundCore = bind(core, handlers);

function write(context: CallContext, id: number, content: Uint8Array): number | Promise<number> {
  const written = context.buffers.get(id).write(Buffer.from(content));
  return written ? written.then(() => content.length) : content.length;
}

/** Before a guest waits for somebody else, the client should see what was written so far. */
async function flushOutput(context: CallContext): Promise<void> {
  const output = context.buffers.get(context.output);
  if (output instanceof OutputBuffer && output.length > 0) await output.flush();
}

function streamBuffer(
  context: CallContext,
  stream: number,
  headers: Readonly<Record<string, string>> = {},
  status?: number,
): StreamBuffer {
  return new StreamBuffer(context.host, {
    stream,
    messages: false,
    headers: new Map(Object.entries(headers)),
    ...(status !== undefined && { status }),
    wholeMax: context.limits.responseMiB * 2 ** 20,
    budget: context.budget,
  });
}

/** A call that reads many of them must not keep them open. */
async function readAll(buffer: StreamBuffer): Promise<Uint8Array | undefined> {
  try {
    return await buffer.read();
  } finally {
    buffer.release();
  }
}

function decodeBase64(encoded: string): Uint8Array {
  const clean = encoded.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean) || clean.length % 4 === 1) {
    throw new MocError("MOC_BAD_REQUEST", "the text is not base64");
  }
  return new Uint8Array(Buffer.from(clean, "base64"));
}

async function registerBlob(
  context: CallContext,
  argument: object,
  content: Uint8Array,
): Promise<string> {
  requireCapability(context, "platform");
  const answer = await context.host.platform("registerBlob", argument, {
    headers: {},
    bytes: content.slice(),
  });
  return String((answer.json as { tech_id?: unknown }).tech_id);
}

async function change(context: CallContext, operation: string, argument: object): Promise<number> {
  requireCapability(context, "platform");
  await context.host.platform(operation, argument);
  return 0;
}

function parseTags(json: string): Record<string, string> {
  if (json.trim() === "") return {};
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new MocError("MOC_BAD_REQUEST", `tags_json is not JSON: ${json}`, { cause });
  }
}

function toMap(entries: readonly KeyValue[]): Map<string, Uint8Array> {
  return new Map(entries.map(({ key, value }) => [text.decode(key), value]));
}

async function subset(context: CallContext, prefix: Uint8Array): Promise<Map<string, Uint8Array>> {
  const entries: KeyValue[] = [];
  let bytes = 0;
  for (let after: Uint8Array | undefined; entries.length < SUBSET_MAX; ) {
    const page = await context.host.kvList(prefix, after, PAGE);
    entries.push(...page);
    bytes = page.reduce((sum, { key, value }) => sum + key.length + value.length, bytes);
    if (bytes > context.limits.responseMiB * 2 ** 20) {
      throw new MocError(
        "MOC_LIMIT_RESPONSE",
        `the entries have more than ${context.limits.responseMiB} MiB together; read them with persistence_list, or raise limits.responseMiB`,
      );
    }
    after = page.at(-1)?.key;
    if (page.length < PAGE) break;
  }
  return toMap(entries);
}

const isStatus = (result: number) => result >= 100 && result <= 599;

interface FunctionCall {
  readonly name: string;
  readonly startFunction: string;
  readonly arguments: readonly number[];
  readonly mode: string;
  readonly inputId: number;
  readonly outputId: number;
  readonly posixFileName: string;
  readonly posixArguments: readonly string[];
}

async function callFunction(context: CallContext, call: FunctionCall): Promise<number> {
  const output = context.buffers.get(call.outputId);
  const ref = output.messages ? output.toRef() : undefined;
  const answer = await context.host.callFunction({
    name: call.name,
    startFunction: call.startFunction,
    arguments: call.arguments,
    ...(call.mode !== "" && { mode: parseMode(call.mode) }),
    posixFileName: call.posixFileName,
    posixArguments: call.posixArguments,
    input: context.buffers.get(call.inputId).toRef(),
    ...(ref?.stream !== undefined && { output: ref.stream }),
  });
  for (const [name, value] of Object.entries(answer.headers)) {
    setHeader(context, output.headers, name, value);
  }
  if (answer.status !== undefined) output.status = answer.status;
  if (answer.bytes.length > 0) await output.write(answer.bytes);
  return answer.result;
}

function parseMode(mode: string): CallMode {
  if (mode === "direct" || mode === "posix" || mode === "cgi") return mode;
  throw new MocError("MOC_BAD_REQUEST", `mode '${mode}' is not one of direct, posix, cgi`);
}
