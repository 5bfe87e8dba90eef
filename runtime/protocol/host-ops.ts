/**
 * What an executor may ask of its host while a call runs. Plain data and bytes only, so that the
 * executor can be a thread, a process or another machine.
 */
import type { CallMode, LogLevel } from "./model.ts";

/** Id of a stream that the host keeps (request body, websocket, outgoing response, topic…). */
export type StreamID = number;

/** Headers are lower-case names; a list value stands for a header that came several times. */
export type Headers = Readonly<Record<string, string>>;

/** An exchange buffer on its way between executors: its bytes, or the host stream behind it. */
export interface BufferRef {
  readonly headers: Headers;
  readonly status?: number;
  readonly bytes?: Uint8Array;
  readonly stream?: StreamID;
}

interface CallRequest {
  readonly name: string;
  readonly startFunction: string;
  readonly arguments: readonly number[];
  /** Absent: as the function was deployed. */
  readonly mode?: CallMode;
  readonly posixFileName: string;
  readonly posixArguments: readonly string[];
  readonly input: BufferRef;
  /** Where the callee's output goes: a host stream, or (absent) back with the answer. */
  readonly output?: StreamID;
  readonly timeoutMs?: number;
}

interface CallAnswer {
  readonly result: number;
  readonly status?: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** A request of a guest to the network. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: BufferRef;
  /** Follow redirects (default true). */
  readonly redirect?: boolean;
  readonly timeoutMs?: number;
}

interface OutgoingResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Stream of the body; read until undefined. */
  readonly stream: StreamID;
}

/** An entry of the key-value store. */
export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Operations by name: arguments and result. Every one is answered asynchronously. */
export interface HostOps {
  kvGet(key: Uint8Array): Uint8Array | undefined;
  /** Answered when the write is on disk; a batch is atomic. */
  kvBatch(puts: readonly KeyValue[], deletes: readonly Uint8Array[]): void;
  /** Ascending by bytes, after `after` exclusive. */
  kvList(prefix: Uint8Array, after: Uint8Array | undefined, count: number): KeyValue[];

  callFunction(request: CallRequest): CallAnswer;
  httpRequest(request: OutgoingRequest): OutgoingResponse;
  webSocketConnect(url: string, headers: Headers): StreamID;
  /** Next bytes (a whole message for websockets and topics); undefined at the end. */
  streamRead(stream: StreamID, maxBytes: number): Uint8Array | undefined;
  /** Answered when the stream took the bytes (back-pressure). */
  streamWrite(stream: StreamID, bytes: Uint8Array): void;
  streamClose(stream: StreamID): void;
  /** Copies one stream into another, or into the call's output, until it ends; all on the host. */
  streamPipe(from: StreamID, to: StreamID | "output"): void;

  /** Sends status and headers of the call's output, so that the answer starts before the call ends. */
  outputStart(status: number, headers: Headers): void;
  outputWrite(bytes: Uint8Array): void;

  publish(topic: string, bytes: Uint8Array): void;
  subscribe(topic: string): StreamID;
  sleep(ms: number): void;

  verifyJwt(token: string): string;

  /** techID of what a name or reference points at. */
  resolveName(reference: string): string;
  readBlob(reference: string): Uint8Array;
  /** The original's status JSON; plug data only for the platform capability. */
  coreStatus(): string;

  /** Reads and changes of the platform itself: see guest-api/platform. JSON in, JSON out. */
  platform(operation: string, argument: unknown, body?: BufferRef): PlatformAnswer;

  /** @param inputs each in parts, of which streams are read on the host */
  gpu(operation: string, argument: unknown, inputs: readonly (readonly GpuPart[])[]): GpuAnswer;

  /** Bytes of the function registered under a name, for automatic module binding. */
  resolveModule(name: string): ModuleImage | undefined;
}

/** Answer of an operation on the platform itself. */
export interface PlatformAnswer {
  readonly json: unknown;
  /** For operations that answer with bytes: a stream to read. */
  readonly stream?: StreamID;
}

/** Bytes for the GPU: here, or the rest of a stream that the host keeps. */
export type GpuPart = Uint8Array | StreamID;

/** Answer of a GPU operation, and the outputs of a job. */
export interface GpuAnswer {
  readonly json: unknown;
  readonly buffers: readonly Uint8Array[];
}

/** A WebAssembly module to be linked with. */
export interface ModuleImage {
  readonly name: string;
  readonly techID: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Name of an operation. */
export type HostOpName = keyof HostOps;

/** The executor's view: the same operations, answered later. Rejections are MocErrors. */
export type HostClient = {
  readonly [name in HostOpName]: (
    ...args: Parameters<HostOps[name]>
  ) => Promise<ReturnType<HostOps[name]>>;
};

/** Not answered: a log line of a call. */
export interface GuestLog {
  readonly call: number;
  readonly level: LogLevel;
  readonly text: string;
}
