import assert from "node:assert/strict";
import { test } from "node:test";
import { BlobArrivals } from "./blob-arrivals.ts";

const blob = { contentType: "text/plain", bytes: new Uint8Array(3) };
const LONG_MS = 60_000;

test("who waits is told when the blob comes, before it is written", async () => {
  const arrivals = new BlobArrivals();
  const waiting = [arrivals.wait("a", LONG_MS), arrivals.wait("a", LONG_MS)];
  const { promise, resolve } = Promise.withResolvers<string>();
  const written = arrivals.during("a", blob, promise);
  await Promise.all(waiting);
  assert.equal(arrivals.get("a"), blob);
  await arrivals.wait("a", LONG_MS);
  resolve("on disk");
  assert.equal(await written, "on disk");
  assert.equal(arrivals.get("a"), undefined);
});

test("a blob that does not come is waited for no longer than was said", async () => {
  const arrivals = new BlobArrivals();
  const other = arrivals.wait("b", LONG_MS);
  await arrivals.wait("a", 5);
  assert.equal(arrivals.get("a"), undefined);
  void arrivals.during("b", blob, Promise.resolve());
  await other;
});

test("a blob that cannot be written is gone again", async () => {
  const arrivals = new BlobArrivals();
  const failed = arrivals.during("a", blob, Promise.reject(new Error("disk full")));
  await assert.rejects(failed, { message: "disk full" });
  assert.equal(arrivals.get("a"), undefined);
});
