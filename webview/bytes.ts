/** Bytes as text, hex and base64, for showing and editing. */

const strict = new TextDecoder("utf-8", { fatal: true });

/** The text, if the bytes are UTF-8 without control characters but tabs and line ends. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = strict.decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
    return /[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The JSON value, if the bytes are an object or array in JSON. */
export function asJson(bytes: Uint8Array): unknown {
  const text = asText(bytes)?.trim();
  if (!text || !/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `image/png` and the like by the first bytes. */
export function imageType(bytes: Uint8Array): string | undefined {
  const head = [...bytes.subarray(0, 12)].map((byte) => String.fromCharCode(byte)).join("");
  if (head.startsWith("\u0089PNG")) return "image/png";
  if (head.startsWith("\u00ff\u00d8\u00ff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  return undefined;
}

/** Offset, sixteen bytes, and what of them is readable, a line each. */
export function hexDump(bytes: Uint8Array, most: number): string {
  const lines: string[] = [];
  for (let offset = 0; offset < Math.min(bytes.length, most); offset += 16) {
    const part = [...bytes.subarray(offset, offset + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    lines.push(`${offset.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text.join("")}`);
  }
  return lines.join("\n");
}

/** Bytes of a text of hex digits, with or without spaces; undefined when it is none. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 === 1 || /[^0-9a-f]/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * Bytes of base64 or base64url.
 * @throws DOMException when it is neither
 */
export function fromBase64(text: string): Uint8Array {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (one) => one.charCodeAt(0));
}

/** As REST answers and samples have it. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}

/** Base64 as paths and queries take it: RFC 4648 section 5, without padding. */
export function toBase64Url(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
