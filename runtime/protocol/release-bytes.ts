/** Below this, the collector may take its time. */
const LARGE_BYTES = 16 * 1024;

/**
 * Gives the memory of large bytes back at once, when nobody will look at them any more: the engine
 * counts it against the heap and would collect garbage for every few megabytes that pass through.
 * Bytes that are a part of a larger memory stay as they are.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.byteLength < LARGE_BYTES || bytes.byteLength < buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
