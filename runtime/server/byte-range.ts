/** Both ends are within the content and belong to the range. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * @param header value of a Range header
 * @param length of the content, in bytes
 * @returns undefined: send the whole (no byte range, several ranges, or not well formed)
 * @see RFC 9110 section 14.1.2
 */
export function parseRange(
  header: string,
  length: number,
): ByteRange | "unsatisfiable" | undefined {
  const parts = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header);
  if (!parts) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const suffix = Number(last);
    if (suffix === 0 || length === 0) return "unsatisfiable";
    return { start: Math.max(0, length - suffix), end: length - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= length) return "unsatisfiable";
  return { start, end: last === "" ? length - 1 : Math.min(Number(last), length - 1) };
}
