/**
 * The two messages of every call as arrays, on their way through structured cloning: it writes the
 * keys of an object again for each message, which costs more than the values. Other messages go as
 * they are.
 */
import type {
  CallMessage,
  FromExecutor,
  ResultMessage,
  ToExecutor,
} from "../protocol/executor-messages.ts";
import type { Headers } from "../protocol/host-ops.ts";

type Bytes = string | Uint8Array | undefined;

type CallArray = readonly [
  call: number,
  startFunction: string,
  headers: string,
  body: Bytes,
  flags: number,
  mode: CallMessage["mode"],
  stream: number | undefined,
  rest: CallRest | undefined,
];

/** What calls seldom have. */
type CallRest = Pick<
  CallMessage,
  "arguments" | "posixFileName" | "posixArguments" | "outputHeaders" | "outputStream"
>;

type ResultArray = readonly [
  call: number,
  result: number,
  status: number | undefined,
  headers: readonly string[] | undefined,
  body: Bytes,
  memoryBytes: number,
  rest: ResultRest | undefined,
];

type ResultRest = Pick<ResultMessage, "exited" | "closed" | "inputHeaders" | "error" | "gpu">;

export type ToExecutorOnWire = CallArray | Exclude<ToExecutor, CallMessage>;
export type FromExecutorOnWire = ResultArray | Exclude<FromExecutor, ResultMessage>;

const MESSAGES = 1;
const SINK = 2;
const TRACE = 4;
/** Bodies up to this size travel as a string: making one costs less than making an ArrayBuffer. */
const SHORT_BYTES = 4096;
const NONE: readonly never[] = [];

export function packToExecutor(message: ToExecutor): ToExecutorOnWire {
  return message.kind === "call" ? packCall(message) : message;
}

export function unpackToExecutor(packed: ToExecutorOnWire): ToExecutor {
  return isArray(packed) ? unpackCall(packed) : packed;
}

export function packFromExecutor(message: FromExecutor): FromExecutorOnWire {
  return message.kind === "result" ? packResult(message) : message;
}

export function unpackFromExecutor(packed: FromExecutorOnWire): FromExecutor {
  return isArray(packed) ? unpackResult(packed) : packed;
}

function isArray<A extends readonly unknown[]>(packed: A | { readonly kind: string }): packed is A {
  return Array.isArray(packed);
}

function packCall(message: CallMessage): CallArray {
  const { posixFileName, posixArguments, outputHeaders, outputStream } = message;
  const usual =
    message.arguments.length === 0 &&
    posixFileName === "" &&
    posixArguments.length === 0 &&
    outputHeaders === undefined &&
    outputStream === undefined;
  return [
    message.call,
    message.startFunction,
    message.headers,
    packBytes(message.body),
    (message.messages ? MESSAGES : 0) | (message.sink ? SINK : 0) | (message.trace ? TRACE : 0),
    message.mode,
    message.stream,
    usual
      ? undefined
      : {
          arguments: message.arguments,
          posixFileName,
          posixArguments,
          ...(outputHeaders && { outputHeaders }),
          ...(outputStream !== undefined && { outputStream }),
        },
  ];
}

function unpackCall(packed: CallArray): CallMessage {
  const [call, startFunction, headers, body, flags, mode, stream, rest] = packed;
  return {
    kind: "call",
    call,
    startFunction,
    mode,
    arguments: rest?.arguments ?? NONE,
    posixFileName: rest?.posixFileName ?? "",
    posixArguments: rest?.posixArguments ?? NONE,
    headers,
    body: unpackBytes(body),
    stream,
    messages: (flags & MESSAGES) !== 0,
    sink: (flags & SINK) !== 0,
    outputHeaders: rest?.outputHeaders,
    outputStream: rest?.outputStream,
    trace: (flags & TRACE) !== 0,
  };
}

function packResult(message: ResultMessage): ResultArray {
  const { exited, closed, inputHeaders, error, gpu } = message;
  const usual = !exited && !closed && !inputHeaders && !error && gpu === undefined;
  return [
    message.call,
    message.result,
    message.status,
    message.headers && pairs(message.headers),
    packBytes(message.body),
    message.memoryBytes,
    usual
      ? undefined
      : {
          ...(exited && { exited }),
          ...(closed && { closed }),
          ...(inputHeaders && { inputHeaders }),
          ...(error && { error }),
          ...(gpu !== undefined && { gpu }),
        },
  ];
}

function unpackResult(packed: ResultArray): ResultMessage {
  const [call, result, status, headers, body, memoryBytes, rest] = packed;
  return {
    kind: "result",
    call,
    result,
    exited: rest?.exited,
    status,
    headers: headers && record(headers),
    body: unpackBytes(body),
    closed: rest?.closed,
    inputHeaders: rest?.inputHeaders,
    memoryBytes,
    error: rest?.error,
    gpu: rest?.gpu,
  };
}

function packBytes(bytes: Uint8Array | undefined): Bytes {
  if (!bytes || bytes.length > SHORT_BYTES) return bytes;
  // Asking a short array for its `buffer` makes V8 move it out of its heap.
  const plain =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return plain.toString("latin1");
}

function unpackBytes(bytes: Bytes): Uint8Array | undefined {
  return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
}

function pairs(headers: Headers): string[] {
  const flat: string[] = [];
  for (const name in headers) flat.push(name, headers[name] ?? "");
  return flat;
}

function record(flat: readonly string[]): Headers {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) headers[flat[i] ?? ""] = flat[i + 1] ?? "";
  return headers;
}
