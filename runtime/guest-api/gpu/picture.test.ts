import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "fast-png";
import { decodePng, isPng, toByte } from "./picture.ts";
import { encodeColours, encodePng } from "./png-encoder.ts";

const samples = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);

test("what is encoded, another library reads", async () => {
  for (const channels of [1, 3, 4] as const) {
    const data = samples(7 * 5 * channels);
    const png = await encodePng(data, 7, 5, channels);
    const read = decode(png, { checkCrc: true });
    assert.deepEqual([read.width, read.height, read.channels, read.depth], [7, 5, channels, 8]);
    assert.deepEqual([...read.data], [...data]);
    assert.ok(isPng(png));
  }
});

test("colours keep their opacity, unless all are opaque", async () => {
  const clear = samples(6 * 4 * 4);
  const whole = clear.map((one, index) => (index % 4 === 3 ? 255 : one));
  const read = decode(await encodeColours(whole, 6, 4), { checkCrc: true });
  assert.deepEqual([read.width, read.height, read.channels], [6, 4, 3]);
  assert.deepEqual(
    [...read.data],
    [...whole].filter((_, index) => index % 4 !== 3),
  );
  const transparent = decode(await encodeColours(clear, 6, 4));
  assert.equal(transparent.channels, 4);
  assert.deepEqual([...transparent.data], [...clear]);
});

test("pictures of every kind become four bytes a pixel", () => {
  const size = { width: 2, height: 1 };
  const cases: readonly [Parameters<typeof encode>[0], number[]][] = [
    [{ ...size, data: Uint8Array.of(10, 200), channels: 1 }, [10, 10, 10, 255, 200, 200, 200, 255]],
    [
      { ...size, data: Uint8Array.of(10, 20, 30, 40), channels: 2 },
      [10, 10, 10, 20, 30, 30, 30, 40],
    ],
    [{ ...size, data: samples(6), channels: 3 }, [0, 37, 74, 255, 111, 148, 185, 255]],
    [{ ...size, data: samples(8), channels: 4 }, [0, 37, 74, 111, 148, 185, 222, 3]],
    [
      { ...size, data: Uint16Array.of(0xffff, 0x1234), channels: 1, depth: 16 },
      [255, 255, 255, 255, 18, 18, 18, 255],
    ],
  ];
  for (const [picture, rgba] of cases) {
    assert.deepEqual([...decodePng(encode(picture), 1000).rgba], rgba);
  }
});

test("pictures that are broken or too large are refused", async () => {
  const png = await encodePng(samples(100 * 100), 100, 100, 1);
  assert.throws(() => decodePng(png, 100 * 100 * 4 - 1), { code: "MOC_TOO_LARGE" });
  assert.throws(() => decodePng(png.subarray(0, 60), 1e6), { code: "MOC_BAD_REQUEST" });
  assert.equal(isPng(Uint8Array.of(1, 2, 3)), false);
});

test("values are cut to what a byte holds", () => {
  assert.deepEqual([-1, 0, 0.5, 1, 2, Number.NaN].map(toByte), [0, 0, 127, 255, 255, 0]);
});
