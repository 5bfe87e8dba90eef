import { type DecodedPng, decode, hasPngSignature } from "fast-png";
import { MocError } from "../../protocol/errors.ts";

/** PNG's header names the size before anything is unpacked. */
const WIDTH_AT = 16;
const HEIGHT_AT = 20;
/** A picture has more bytes than this. */
export const PNG_HEADER_BYTES = 24;

/** Pixels in memory. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, rows from top to bottom. */
  readonly rgba: Uint8Array;
}

/** Whether bytes begin as a PNG file does; the rest may still be damaged. */
export function isPng(bytes: Uint8Array): boolean {
  return bytes.length >= PNG_HEADER_BYTES && hasPngSignature(bytes);
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
    const png = decode(bytes);
    return { width: png.width, height: png.height, rgba: toRgba(png) };
  } catch (error) {
    throw new MocError("MOC_BAD_REQUEST", `not a PNG picture: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function toRgba({ width, height, data, channels, depth, palette }: DecodedPng): Uint8Array {
  if (channels === 4 && data instanceof Uint8Array) return data;
  const rgba = new Uint8Array(width * height * 4);
  const shift = depth === 16 ? 8 : 0;
  const scale = depth < 8 && !palette ? 255 / (2 ** depth - 1) : 1;
  const green = channels < 3 ? 0 : 1;
  const blue = channels < 3 ? 0 : 2;
  const alpha = channels % 2 === 0 ? channels - 1 : undefined;
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4) {
    const colour = palette?.[data[from] ?? 0];
    rgba[to] = colour?.[0] ?? ((data[from] ?? 0) >> shift) * scale;
    rgba[to + 1] = colour?.[1] ?? ((data[from + green] ?? 0) >> shift) * scale;
    rgba[to + 2] = colour?.[2] ?? ((data[from + blue] ?? 0) >> shift) * scale;
    const opacity = alpha === undefined ? 255 : (data[from + alpha] ?? 0) >> shift;
    rgba[to + 3] = colour ? (colour[3] ?? 255) : opacity;
  }
  return rgba;
}

/** 0 to 1 as a byte; what lies outside is cut, and what is no number is 0. */
export function toByte(value: number): number {
  if (value >= 1) return 255;
  return value > 0 ? Math.floor(value * 255) : 0;
}

/** {@link toByte} of many; a mapper given to `Uint8Array.from` takes forty times as long. */
export function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) bytes[index] = toByte(values[index] ?? 0);
  return bytes;
}

/** Floats at a place of a buffer that may not be aligned for them. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  if (bytes.byteOffset % 4 === 0)
    return new Float32Array(bytes.buffer, bytes.byteOffset, whole / 4);
  return new Float32Array(bytes.slice(0, whole).buffer);
}
