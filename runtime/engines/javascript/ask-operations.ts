import { isUtf8 } from "node:buffer";
import type { CallContext } from "../../guest-api/call-context.ts";
import type { ExchangeBuffer } from "../../guest-api/exchange-buffer.ts";
import { MemoryBuffer } from "../../guest-api/memory-buffer.ts";
import { OutputBuffer } from "../../guest-api/output-buffer.ts";
import { StreamBuffer } from "../../guest-api/stream-buffer.ts";
import { MocError } from "../../protocol/errors.ts";
import type { BufferRef, Headers, StreamID } from "../../protocol/host-ops.ts";
import { PLATFORM_LIMITS } from "../../protocol/limits.ts";
import type { CallArguments } from "./call-arguments.ts";
import { ASK, INPUT_SOURCE } from "./guest/ops.ts";
import { type HostValue, Json } from "./host-value.ts";

const PART_BYTES = 64 * 1024;
const MiB = 2 ** 20;
const text = new TextDecoder();
const utf8 = new TextEncoder();

/** Arguments of an ASK begin after request id and code. */
const FIRST = 2;

type Answer = HostValue | Promise<HostValue>;
type Ask = (context: CallContext, args: CallArguments) => Answer;

/** Does what a module's guest asked for by `ask`. Arguments are read before it waits. */
export function askHost(context: CallContext, code: number, args: CallArguments): Answer {
  const ask = ASKS[code];
  if (!ask) throw new TypeError(`there is nothing to ask under ${code}`);
  return ask(context, args);
}

const ASKS: { readonly [code: number]: Ask } = {
  [ASK.BODY_PART]: (context, args) => sourceOf(context, args).readPart(PART_BYTES),
  [ASK.BODY_BYTES]: (context, args) => whole(context, args, (bytes) => bytes),
  [ASK.BODY_TEXT]: (context, args) => whole(context, args, (bytes) => text.decode(bytes)),
  [ASK.BODY_CANCEL](context, args) {
    release(context, args.integer(FIRST));
    return undefined;
  },
  [ASK.WRITE]: (context, args) => write(context, args.bytes(FIRST)),
  [ASK.PIPE]: (context, args) => pipe(context, sourceOf(context, args)),
  [ASK.FETCH]: (context, args) => fetch(context, args),
  [ASK.KV_GET]: (context, args) => context.kv.get(args.bytes(FIRST)),
  [ASK.KV_BATCH]: (context, args) => batch(context, args.text(FIRST)),
  [ASK.KV_LIST]: (context, args) => list(context, args),
  [ASK.CALL]: (context, args) => call(context, args),
  [ASK.PUBLISH]: (context, args) =>
    context.host.publish(args.text(FIRST), args.bytes(FIRST + 1)).then(() => undefined),
  [ASK.SUBSCRIBE]: (context, args) => subscribe(context, args.text(FIRST)),
  [ASK.MESSAGE]: (context, args) => message(sourceOf(context, args)),
  [ASK.CLOSE]: async (context) => {
    await context.buffers.get(context.output).close();
    return undefined;
  },
};

function sourceOf(context: CallContext, args: CallArguments): ExchangeBuffer {
  return bufferOf(context, args.integer(FIRST));
}

function bufferOf(context: CallContext, source: number): ExchangeBuffer {
  return context.buffers.get(source === INPUT_SOURCE ? context.input : source);
}

/** Lets go of a source; the input stays, since it belongs to the call. */
function release(context: CallContext, source: number): void {
  if (source !== INPUT_SOURCE) context.buffers.free(source);
}

async function whole(
  context: CallContext,
  args: CallArguments,
  form: (bytes: Uint8Array) => HostValue,
): Promise<HostValue> {
  const source = args.integer(FIRST);
  const bytes = await bufferOf(context, source).read();
  const value = form(bytes ?? new Uint8Array(0));
  release(context, source);
  return value;
}

/** A chunk of a streamed answer is sent at once; the answer comes when the client can take more. */
async function write(context: CallContext, bytes: Uint8Array): Promise<undefined> {
  const output = context.buffers.get(context.output);
  await output.write(bytes);
  if (output instanceof OutputBuffer) await output.flush();
}

async function pipe(context: CallContext, source: ExchangeBuffer): Promise<undefined> {
  for (;;) {
    const part = await source.readPart(PART_BYTES);
    if (part === undefined) return;
    await write(context, part);
  }
}

interface FetchFacts {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly redirect: boolean;
  readonly source?: number;
}

async function fetch(context: CallContext, args: CallArguments): Promise<HostValue> {
  const facts = JSON.parse(args.text(FIRST)) as FetchFacts;
  const { method, url, headers, redirect } = facts;
  const body = bodyRef(context, facts.source, args, {});
  const answer = await context.host.httpRequest({
    method,
    url,
    headers,
    redirect,
    ...(body && { body }),
  });
  const source = context.buffers.add(streamOf(context, answer.stream, false));
  return new Json(JSON.stringify({ status: answer.status, headers: answer.headers, source }));
}

interface CallFacts {
  readonly name: string;
  readonly startFunction: string;
  readonly timeoutMs?: number;
  readonly headers: Headers;
  readonly source?: number;
}

async function call(context: CallContext, args: CallArguments): Promise<HostValue> {
  const facts = JSON.parse(args.text(FIRST)) as CallFacts;
  const answer = await context.host.callFunction({
    name: facts.name,
    startFunction: facts.startFunction,
    arguments: [],
    posixFileName: "",
    posixArguments: [],
    input: bodyRef(context, facts.source, args, facts.headers) ?? { headers: facts.headers },
    ...(facts.timeoutMs !== undefined && { timeoutMs: facts.timeoutMs }),
  });
  const output = new MemoryBuffer(context.budget);
  output.write(answer.bytes);
  const isStatus = answer.result >= 100 && answer.result <= 599;
  const status = answer.status ?? (isStatus ? answer.result : 200);
  const source = context.buffers.add(output);
  return new Json(JSON.stringify({ status, headers: answer.headers, source }));
}

/** The body of an outgoing request: bytes of the guest, or a source that goes straight through. */
function bodyRef(
  context: CallContext,
  source: number | undefined,
  args: CallArguments,
  headers: Headers,
): BufferRef | undefined {
  if (source !== undefined) return { ...bufferOf(context, source).toRef(), headers };
  return args.isUndefined(FIRST + 1) ? undefined : { headers, bytes: args.bytes(FIRST + 1) };
}

function streamOf(context: CallContext, stream: StreamID, messages: boolean): StreamBuffer {
  return new StreamBuffer(context.host, {
    stream,
    messages,
    headers: new Map(),
    wholeMax: (messages ? context.limits.requestMiB : context.limits.responseMiB) * MiB,
    budget: context.budget,
  });
}

async function batch(context: CallContext, json: string): Promise<undefined> {
  const operations = JSON.parse(json) as readonly ["p" | "d", string, string][];
  const keys = (kind: "p" | "d") => operations.filter(([one]) => one === kind);
  const puts = keys("p").map(([, key, value]) => ({
    key: utf8.encode(key),
    value: new Uint8Array(Buffer.from(value, "latin1")),
  }));
  await context.host.kvBatch(
    puts,
    keys("d").map(([, key]) => utf8.encode(key)),
  );
}

async function list(context: CallContext, args: CallArguments): Promise<HostValue> {
  const prefix = args.bytes(FIRST);
  const after = args.bytes(FIRST + 1);
  const count = args.integer(FIRST + 2);
  const most = PLATFORM_LIMITS.listPage.value;
  if (count < 1 || count > most) {
    throw new MocError("MOC_BAD_REQUEST", `limit is ${count}; a page has 1 to ${most} entries`);
  }
  const found = await context.host.kvList(prefix, after.length > 0 ? after : undefined, count);
  const entries = found.map(({ key, value }) => [
    text.decode(key),
    Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1"),
  ]);
  return new Json(JSON.stringify(entries));
}

async function subscribe(context: CallContext, topic: string): Promise<HostValue> {
  const stream = await context.host.subscribe(topic);
  return context.buffers.add(streamOf(context, stream, true));
}

async function message(source: ExchangeBuffer): Promise<HostValue> {
  const bytes = await source.read();
  if (bytes === undefined) return undefined;
  return isUtf8(bytes) ? text.decode(bytes) : bytes;
}
