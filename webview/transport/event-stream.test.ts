import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvents } from "./event-stream.ts";

function streamOf(text: string, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

const TEXT = `: hello

event: kv
data: {"kind":"kv","at":1,"key":"ключ 🔑","deleted":false}

event: dropped
data:{"kind":"dropped",
data: "count":3}

data: 5

: still here

event: cut
data: {"kind":"kv"`;

test("events come whole, however the bytes are cut", async () => {
  for (const size of [1, 2, 3, 7, 1000]) {
    const events: unknown[] = [];
    for await (const event of readEvents(streamOf(TEXT, size))) events.push(event);
    assert.deepEqual(events, [
      { kind: "kv", at: 1, key: "ключ 🔑", deleted: false },
      { kind: "dropped", count: 3 },
    ]);
  }
});

test("a reader that has had enough lets go of the stream", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) =>
      controller.enqueue(new TextEncoder().encode('data: {"kind":"plugs","at":1}\n\n')),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const event of readEvents(endless)) {
    assert.equal(event.kind, "plugs");
    break;
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(cancelled);
});
