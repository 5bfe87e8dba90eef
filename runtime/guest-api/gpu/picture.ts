import { decode, encode, hasPngSignature } from "fast-png";
import { MocError } from "../../protocol/errors.ts";

/** Effort of the compression: beyond this, pictures take twice the time for a few percent. */
const ZLIB_LEVEL = 3;
/** PNG's header names the size before anything is unpacked. */
const WIDTH_AT = 16;
const HEIGHT_AT = 20;
const HEADER_BYTES = 24;

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, rows from top to bottom. */
  readonly rgba: Uint8Array;
}

export function isPng(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && hasPngSignature(bytes);
}

/**
 * @param bytesMax what the unpacked picture may take: a small file can hold a huge one
 * @throws MOC_BAD_REQUEST, MOC_TOO_LARGE
 */
export function decodePng(bytes: Uint8Array, bytesMax: number): Picture {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unpacked = 4 * header.getUint32(WIDTH_AT) * header.getUint32(HEIGHT_AT);
  if (unpacked > bytesMax) {
    throw new MocError(
      "MOC_TOO_LARGE",
      `the picture needs ${unpacked} bytes; ${bytesMax} are allowed (limits.memoryMiB)`,
    );
  }
  try {
    const { width, height, data, channels, depth, palette } = decode(bytes);
    const rgba = new Uint8Array(width * height * 4);
    const shift = depth === 16 ? 8 : 0;
    const scale = depth < 8 && !palette ? 255 / (2 ** depth - 1) : 1;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const at = pixel * channels;
      const sample = (channel: number) => ((data[at + channel] ?? 0) >> shift) * scale;
      const colour = palette?.[data[pixel] ?? 0];
      const grey = channels < 3;
      const alpha = channels % 2 === 0 ? sample(channels - 1) : 255;
      rgba[pixel * 4] = colour?.[0] ?? sample(0);
      rgba[pixel * 4 + 1] = colour?.[1] ?? sample(grey ? 0 : 1);
      rgba[pixel * 4 + 2] = colour?.[2] ?? sample(grey ? 0 : 2);
      rgba[pixel * 4 + 3] = colour ? (colour[3] ?? 255) : alpha;
    }
    return { width, height, rgba };
  } catch (error) {
    throw new MocError("MOC_BAD_REQUEST", `not a PNG picture: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** @param channels 1 grey, 3 colour, 4 colour and opacity; eight bits each */
export function encodePng(
  data: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
): Uint8Array {
  return encode({ width, height, data, channels, depth: 8 }, { zlib: { level: ZLIB_LEVEL } });
}

/** 0 to 1 as a byte; what lies outside is cut, and what is no number is 0. */
export function toByte(value: number): number {
  if (value >= 1) return 255;
  return value > 0 ? Math.floor(value * 255) : 0;
}

/** Floats at a place of a buffer that may not be aligned for them. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  if (bytes.byteOffset % 4 === 0)
    return new Float32Array(bytes.buffer, bytes.byteOffset, whole / 4);
  return new Float32Array(bytes.slice(0, whole).buffer);
}
