import assert from "node:assert/strict";
import { test } from "node:test";
import { eventData } from "./event-stream.ts";

async function events(...chunks: readonly string[]): Promise<readonly string[]> {
  const bytes = new TextEncoder().encode(chunks.join(""));
  const cuts = chunks.map((chunk) => new TextEncoder().encode(chunk));
  const read = async (parts: readonly Uint8Array[]) => {
    const found: string[] = [];
    const source = (async function* () {
      yield* parts;
    })();
    for await (const data of eventData(source)) found.push(data);
    return found;
  };
  const whole = await read(cuts);
  // However the network cuts the bytes, the messages are the same.
  const single = await read(Array.from(bytes, (byte) => Uint8Array.of(byte)));
  assert.deepEqual(single, whole);
  return whole;
}

test("data of several lines, comments, other fields and all line ends", async () => {
  assert.deepEqual(await events("data: a\ndata:b\n\n"), ["a\nb"]);
  assert.deepEqual(await events(": ping\n\nevent: x\nid: 1\ndata: é\r\n\r\n"), ["é"]);
  assert.deepEqual(await events("data: a\r\rdata\n\n"), ["a", ""]);
});

test("a message that was cut off is none", async () => {
  assert.deepEqual(await events("data: a\n\ndata: b"), ["a"]);
});
