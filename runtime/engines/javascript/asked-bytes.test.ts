/** What a guest has sent to the host and not awaited is held by the host: it counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadForTest } from "./testing.ts";

test("bytes on their way to the host are bounded by the guest's memory, and come back with the answers", async () => {
  const app = await loadForTest(
    `export default { async fetch(request, env) {
      const million = "x".repeat(1e6);
      const flood = () => Promise.all(Array.from({ length: 60 }, () =>
        env.publish("t", million).then(() => "sent", (error) => error.message)));
      const counts = {};
      for (const outcome of [...(await flood()), ...(await flood())]) counts[outcome] = (counts[outcome] ?? 0) + 1;
      return Response.json(counts);
    } };`,
    { limits: { memoryMiB: 32 } },
  );
  let held = 0;
  let most = 0;
  const publish = async (_topic: string, bytes: Uint8Array) => {
    held += bytes.length;
    most = Math.max(most, held);
    await sleep(20);
    held -= bytes.length;
  };
  const answer = JSON.parse((await app.call({ host: { publish } })).outputText());
  const refusal =
    "the call has 32 MiB on their way to the host already; await some first (limits.memoryMiB)";
  // 32 MiB and the one that goes beyond, both times.
  assert.deepEqual(answer, { sent: 68, [refusal]: 52 });
  assert.equal(most, 34e6);
});
