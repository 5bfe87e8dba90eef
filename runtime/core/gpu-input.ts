import { MocError } from "../protocol/errors.ts";
import type { GpuPart, StreamID } from "../protocol/host-ops.ts";
import type { HostStream } from "./host-stream.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of an input for the GPU, streams read to their end. Done before the GPU hears of it: who
 * sends slowly must not hold its turn.
 * @throws MOC_TOO_LARGE, and what a stream fails with
 */
export async function collectInput(
  parts: readonly GpuPart[],
  maxBytes: number,
  streamOf: (id: StreamID) => HostStream,
): Promise<readonly Uint8Array[]> {
  const bytes: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    for await (const chunk of chunksOf(part, streamOf)) {
      length += chunk.length;
      if (length > maxBytes) {
        throw new MocError(
          "MOC_TOO_LARGE",
          `an input of the GPU is over ${maxBytes} bytes; raise limits.requestMiB`,
        );
      }
      bytes.push(chunk);
    }
  }
  return bytes;
}

async function* chunksOf(
  part: GpuPart,
  streamOf: (id: StreamID) => HostStream,
): AsyncGenerator<Uint8Array> {
  if (part instanceof Uint8Array) {
    yield part;
    return;
  }
  const stream = streamOf(part);
  for (;;) {
    const chunk = await stream.read(CHUNK_BYTES);
    if (!chunk) return;
    yield chunk;
  }
}
