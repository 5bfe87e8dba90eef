import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import { releaseBytes } from "../../protocol/release-bytes.ts";

const compress = promisify(deflate);

/**
 * Our own, on Node's zlib: the libraries compress in JavaScript, which takes ten times as long
 * (200 ms instead of 20 ms for 1024 x 1024).
 */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** PNG section 11.2.1: samples of a pixel to its colour type. */
const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 } as const;
/** Beyond this, the time grows faster than the picture shrinks. */
const ZLIB_LEVEL = 4;

/** What is compressed comes in pieces of this size. */
const CHUNK_BYTES = 256 * 1024;

/**
 * A PNG of eight bits a sample.
 * @param data rows from top to bottom
 * @param channels 1 grey, 3 colour, 4 colour and opacity
 */
export function encodePng(
  data: Uint8Array,
  width: number,
  height: number,
  channels: keyof typeof COLOUR_TYPES,
): Promise<Uint8Array> {
  return encodeRows(filteredRows(data, width * channels, height), width, height, channels);
}

/**
 * A PNG of colours and opacity, without the opacity where all of it is full.
 * @param rgba rows from top to bottom, four bytes a pixel
 */
export function encodeColours(
  rgba: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const rows = opaqueRows(rgba, width, height);
  return rows ? encodeRows(rows, width, height, 3) : encodePng(rgba, width, height, 4);
}

/** @param rows each starts with its filter */
async function encodeRows(
  rows: Uint8Array,
  width: number,
  height: number,
  channels: keyof typeof COLOUR_TYPES,
): Promise<Uint8Array> {
  const compressed = await compress(rows, { level: ZLIB_LEVEL, chunkSize: CHUNK_BYTES });
  releaseBytes(rows);
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, COLOUR_TYPES[channels]);
  const chunks = [
    SIGNATURE,
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...chunk("IDAT", compressed),
    ...chunk("IEND", new Uint8Array()),
  ];
  // Memory of its own, so that it can be moved to another thread instead of copied.
  const png = new Uint8Array(chunks.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of chunks) {
    png.set(one, at);
    at += one.length;
  }
  return png;
}

/** Each row starts with its filter: 0, none. */
function filteredRows(data: Uint8Array, rowBytes: number, height: number): Uint8Array {
  const rows = new Uint8Array((rowBytes + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(data.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
  }
  return rows;
}

/** Rows of three samples a pixel, each starting with its filter; undefined where a pixel is not opaque. */
function opaqueRows(rgba: Uint8Array, width: number, height: number): Uint8Array | undefined {
  const rows = new Uint8Array((width * 3 + 1) * height);
  let from = 0;
  let to = 0;
  for (let row = 0; row < height; row++) {
    to++;
    for (const end = from + width * 4; from < end; from += 4, to += 3) {
      if (rgba[from + 3] !== 255) return undefined;
      rows[to] = rgba[from] ?? 0;
      rows[to + 1] = rgba[from + 1] ?? 0;
      rows[to + 2] = rgba[from + 2] ?? 0;
    }
  }
  return rows;
}

function chunk(type: string, content: Uint8Array): Uint8Array[] {
  const start = new Uint8Array(8);
  new DataView(start.buffer).setUint32(0, content.length);
  start.set(new TextEncoder().encode(type), 4);
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, crc32(content, crc32(start.subarray(4))));
  return [start, content, sum];
}
