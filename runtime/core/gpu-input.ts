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
  const take = (chunk: Uint8Array) => {
    length += chunk.length;
    if (length > maxBytes) {
      throw new MocError(
        "MOC_TOO_LARGE",
        `an input of the GPU is over ${maxBytes} bytes; raise limits.requestMiB`,
      );
    }
    bytes.push(chunk);
  };
  for (const part of parts) {
    if (part instanceof Uint8Array) take(part);
    else await takeAll(streamOf(part), take);
  }
  return bytes;
}

async function takeAll(stream: HostStream, take: (chunk: Uint8Array) => void): Promise<void> {
  if (stream.readAll) return stream.readAll(take);
  for (;;) {
    const chunk = await stream.read(CHUNK_BYTES);
    if (!chunk) return;
    take(chunk);
  }
}
