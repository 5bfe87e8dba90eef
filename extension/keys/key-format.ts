import { MocError } from "../../runtime/protocol/errors.ts";
import type { Say } from "../say.ts";

/** How the value of a key is shown in a document, and read back from it. */
export const KEY_FORMATS = ["json", "text", "hex"] as const;
export type KeyFormat = (typeof KEY_FORMATS)[number];

const BYTES_PER_LINE = 16;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The most telling format that shows the value without loss. */
export function detectFormat(value: Uint8Array): KeyFormat {
  const text = asText(value);
  if (text === undefined) return "hex";
  return /^\s*[[{]/.test(text) && isJson(text) ? "json" : "text";
}

/**
 * Text of a document for a value. JSON is indented; hex has an offset, 16 bytes and their
 * printable characters a line.
 * @throws MocError MOC_BAD_REQUEST when the value is no JSON or no UTF-8
 */
export function showValue(value: Uint8Array, format: KeyFormat, say: Say): string {
  if (format === "hex") return toHex(value);
  const text = asText(value);
  if (text === undefined) {
    throw new MocError("MOC_BAD_REQUEST", say("The value is no UTF-8 text: open it as hex."));
  }
  if (format === "text") return text;
  return `${JSON.stringify(parseJson(text, say), null, 2)}\n`;
}

/**
 * Bytes to store for the text of a document. JSON that was stored compact stays compact.
 * @throws MocError MOC_BAD_REQUEST with the line when the text is not of the format
 */
export function readValue(
  text: string,
  format: KeyFormat,
  say: Say,
  before?: Uint8Array,
): Uint8Array {
  if (format === "hex") return fromHex(text, say);
  if (format === "text") return new TextEncoder().encode(text);
  const value = parseJson(text, say);
  const compact = before === undefined || !asText(before)?.includes("\n");
  return new TextEncoder().encode(compact ? JSON.stringify(value) : text);
}

/** The value as text, or undefined when it is no UTF-8 or holds control characters. */
export function asText(value: Uint8Array): string | undefined {
  try {
    const text = strict.decode(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    // Not UTF-8: that is the answer, not a failure.
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseJson(text: string, say: Say): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MocError("MOC_BAD_REQUEST", say("The document is no valid JSON: {0}", reason), {
      cause: error,
    });
  }
}

function toHex(value: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < value.length; offset += BYTES_PER_LINE) {
    const bytes = [...value.subarray(offset, offset + BYTES_PER_LINE)];
    const digits = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const printable = bytes
      .map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."))
      .join("");
    const address = offset.toString(16).padStart(8, "0");
    lines.push(`${address}  ${digits.padEnd(BYTES_PER_LINE * 3 - 1)}  |${printable}|`);
  }
  return lines.join("\n") + (lines.length > 0 ? "\n" : "");
}

/** Reads lines as {@link toHex} writes them; offset and printable part may be left out. */
function fromHex(text: string, say: Say): Uint8Array {
  const bytes: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const digits = line
      .replace(/^[0-9a-fA-F]{8} {2}/, "")
      .replace(/\|.*$/, "")
      .trim();
    if (digits === "") continue;
    for (const pair of digits.split(/\s+/).flatMap((group) => group.match(/.{1,2}/g) ?? [])) {
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) {
        const message = say('Line {0}: "{1}" is no hex byte.', index + 1, pair);
        throw new MocError("MOC_BAD_REQUEST", message);
      }
      bytes.push(Number.parseInt(pair, 16));
    }
  }
  return Uint8Array.from(bytes);
}
