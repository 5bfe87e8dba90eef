import assert from "node:assert/strict";
import { test } from "node:test";
import { ExchangeFile } from "./exchange-file.ts";

test("what is written is read, piece by piece, again and again", async () => {
  const file = await ExchangeFile.create();
  try {
    for (const sizes of [[3, 0, 5], [1], [70_000, 2]]) {
      const pieces = sizes.map((size, i) => Uint8Array.from({ length: size }, (_, at) => at + i));
      await file.write(pieces);
      const read = await file.read(sizes);
      assert.deepEqual(
        read.map((one) => [...one]),
        pieces.map((one) => [...one]),
      );
      // Its own memory: it may be moved to another thread.
      assert.ok(read.every((one) => one.byteLength === one.buffer.byteLength));
    }
  } finally {
    await file.close();
  }
});

test("more than there is is an error, not zeros", async () => {
  const file = await ExchangeFile.create();
  try {
    await file.write([new Uint8Array(10)]);
    await assert.rejects(file.read([10, 1]), { code: "MOC_GPU_LOST" });
  } finally {
    await file.close();
  }
});
