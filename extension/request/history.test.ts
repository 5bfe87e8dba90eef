import assert from "node:assert/strict";
import { test } from "node:test";
import { isBodyDropped, kept, type PastCall, withCall } from "./history.ts";
import { formOfSample } from "./request-form.ts";

const form = formOfSample({}, undefined);
const call = (id: number, bodyLength = 3): PastCall => ({
  entry: { id, at: id, title: "GET /", status: 200, durationMs: 1 },
  form,
  response: {
    target: "GET /",
    status: 200,
    headers: [],
    bodyBase64: Buffer.alloc(bodyLength).toString("base64"),
    bodyLength,
    durationMs: 1,
    spans: [],
    logs: [],
    failures: [],
  },
});

test("the newest call is first, the oldest fall out", () => {
  let calls: readonly PastCall[] = [];
  for (let id = 1; id <= 25; id++) calls = withCall(calls, call(id));
  assert.equal(calls.length, 20);
  assert.equal(calls[0]?.entry.id, 25);
  assert.equal(calls.at(-1)?.entry.id, 6);
});

test("a large body is there to be compared with the next answer, and goes after that", () => {
  const large = withCall(withCall([], call(1, 100_000)), call(2, 100_000));
  assert.deepEqual(
    large.map(({ response }) => isBodyDropped(response)),
    [false, false],
  );
  const third = withCall(large, call(3));
  assert.deepEqual(
    third.map(({ response }) => isBodyDropped(response)),
    [false, false, true],
  );
  assert.deepEqual(
    kept(third).map(({ response }) => [isBodyDropped(response), response.bodyLength]),
    [
      [false, 3],
      [true, 100_000],
      [true, 100_000],
    ],
  );
});
