import { MocError } from "../protocol/errors.ts";
import type { CallContext } from "./call-context.ts";

/** Bytes of headers that were counted once: counting many again at each one would take too long. */
const SIZES = new WeakMap<Map<string, string>, number>();
/** So few are counted again instead: remembering costs more. */
const FEW = 16;

/**
 * Sets a header of an exchange buffer.
 * @param name in lower case
 * @throws MOC_LIMIT_RESPONSE the buffer's headers are over limits.headersKiB
 */
export function setHeader(
  context: CallContext,
  headers: Map<string, string>,
  name: string,
  value: string,
): void {
  const before = headers.get(name);
  const few = headers.size < FEW;
  const known = (few ? undefined : SIZES.get(headers)) ?? sizeOf(headers);
  const added = before === undefined ? name.length + value.length : value.length - before.length;
  const max = context.limits.headersKiB * 1024;
  if (known + added > max && added > 0) {
    throw new MocError(
      "MOC_LIMIT_RESPONSE",
      `the headers of an exchange buffer have more than ${max} bytes (limits.headersKiB)`,
    );
  }
  headers.set(name, value);
  if (!few) SIZES.set(headers, known + added);
}

function sizeOf(headers: Map<string, string>): number {
  let size = 0;
  for (const [name, value] of headers) size += name.length + value.length;
  return size;
}
