import type * as Streams from "web-streams-polyfill";
import { TextDecoder, TextEncoder } from "./encoding.ts";
import { host } from "./host.ts";
import { OP } from "./ops.ts";

export type ByteStream = Streams.ReadableStream<Uint8Array>;

interface Loaded {
  readonly all: Record<string, unknown>;
  readonly ReadableStream: typeof Streams.ReadableStream;
  readonly TransformStream: typeof Streams.TransformStream;
}

let loaded: Loaded | undefined;

/** The stream classes. The host adds them to the heap at their first use. */
export function streams(): Loaded {
  if (!loaded) {
    host(OP.LOAD_STREAMS);
    const given = globalThis as unknown as { __streams: typeof Streams };
    const { ReadableStream, TransformStream } = given.__streams;
    const all = { ...given.__streams, ...textStreams(TransformStream) };
    loaded = { all, ReadableStream, TransformStream };
    Reflect.deleteProperty(globalThis, "__streams");
  }
  return loaded;
}

/** Whether a value is a stream, without loading them to find out. */
export function isStream(value: unknown): value is ByteStream {
  return loaded !== undefined && value instanceof loaded.ReadableStream;
}

/** Global names that load the streams when somebody looks at them. */
export const STREAM_NAMES = [
  "ReadableStream",
  "ReadableStreamDefaultReader",
  "ReadableStreamBYOBReader",
  "ReadableStreamDefaultController",
  "ReadableByteStreamController",
  "ReadableStreamBYOBRequest",
  "WritableStream",
  "WritableStreamDefaultWriter",
  "WritableStreamDefaultController",
  "TransformStream",
  "TransformStreamDefaultController",
  "ByteLengthQueuingStrategy",
  "CountQueuingStrategy",
  "TextDecoderStream",
  "TextEncoderStream",
] as const;

function textStreams(TransformStream: typeof Streams.TransformStream): Record<string, unknown> {
  class TextDecoderStream extends TransformStream<Uint8Array, string> {
    constructor(label?: string, options?: { readonly fatal?: boolean }) {
      const decoder = new TextDecoder(label, options);
      super({
        transform(chunk, controller) {
          const text = decoder.decode(chunk, { stream: true });
          if (text) controller.enqueue(text);
        },
        flush(controller) {
          const text = decoder.decode();
          if (text) controller.enqueue(text);
        },
      });
    }
  }
  class TextEncoderStream extends TransformStream<string, Uint8Array> {
    constructor() {
      const encoder = new TextEncoder();
      super({
        transform: (chunk, controller) => controller.enqueue(encoder.encode(chunk)),
      });
    }
  }
  return { TextDecoderStream, TextEncoderStream };
}
